/*
 * What an exchange says of a key (GET /sapi/v1/account/apiRestrictions) under a fuzzer. An input is the answer, behind a
 * first byte: its bits are what is allowed on purpose and which hour it is. A key whose rights are not told is not good, and
 * one that may withdraw is good only where that is allowed. Built by `make fuzz`.
 */
#include "../../cmd/bf-profile/permissions.h"
#include "must.h"

static unsigned long good, bad, untold;

static const struct remark *
remark_of(const struct remark *x, int n, const char *check)
{
	for (int i = 0; i < n; i++)
		if (strcmp(x[i].check, check) == 0)
			return &x[i];
	return NULL;
}

/* Bad exactly if it is so and not allowed; and then there is a mend. */
static void
check_remark(const struct remark *x, bool is, bool allowed)
{
	MUST(x != NULL && (x->state == FOUND_BAD) == (is && !allowed));
	MUST(x->state != FOUND_BAD || x->kind == FAULT_KEY);
}

static void
check(const struct key_rights *r, const struct key_rules *allowed, int64_t now_ms)
{
	struct remark x[KEY_REMARKS];
	int n = key_judge(x, r, allowed, now_ms);
	bool any = false;

	MUST(n == 4 || (n == KEY_REMARKS && r->expires_ms > 0));
	check_remark(remark_of(x, n, "key-withdrawals"), r->withdrawals, allowed->withdrawals);
	check_remark(remark_of(x, n, "key-ip"), !r->ip, allowed->any_ip);
	check_remark(remark_of(x, n, "key-futures"), !r->futures, false);
	for (int i = 0; i < n; i++) {
		MUST(*x[i].msg != '\0' && (x[i].state == FOUND_OK) == (*x[i].mend == '\0'));
		any = any || x[i].state == FOUND_BAD;
	}
	*(any ? &bad : &good) += 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t hour[] = { 0, INT64_C(1767225600000), -1, INT64_C(1) << 53 };
	struct key_rights r;
	struct scan sc = { 0 };
	struct fault f = { 0 };

	if (size > 1 && scan_doc(&sc, (const char *)data + 1, size - 1) > 0) {
		const struct key_rules allowed = { .withdrawals = data[0] & 1, .any_ip = data[0] & 2 };

		if (key_rights_read(&r, sc.t, sc.t, &f) == 0) {
			check(&r, &allowed, hour[data[0] >> 2 & 3]);
		} else {
			check_fault(&f);
			MUST(f.kind == FAULT_KEY);
			untold++;
		}
	}
	scan_free(&sc);
	return 0;
}
