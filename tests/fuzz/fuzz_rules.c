/*
 * A rules file under a fuzzer. An input is the file; behind a NUL, arguments of --limit, a line each. What is accepted
 * makes sense, comes back from a decision's record as it was, and an option never loosens it. Built by `make fuzz`.
 */
#include "../../cmd/bf-risk/limits.h"
#include "core/show.h"
#include "must.h"

static unsigned long accepted, declined, tightened;

/* As a decision carries them, and back. */
static void
check_record(const struct limits *l)
{
	struct buf a = { 0 }, b = { 0 };
	struct scan sc = { 0 };
	struct limits again;
	struct fault f = { 0 };
	const struct tok *v;

	limits_json(l, &a);
	v = whole_json(&sc, &a);
	if (limits_read(&again, sc.t, v, &f) == -1) {
		fprintf(stderr, "%s: %.*s\n", f.text, (int)a.len, a.p);
		abort();
	}
	limits_json(&again, &b);
	MUST(a.len == b.len && memcmp(a.p, b.p, a.len) == 0);
	limits_free(&again);
	scan_free(&sc);
	buf_free(&a);
	buf_free(&b);
}

static void
check_limit(enum rule r, const struct limit *l)
{
	const struct rule_row *row = &rule_rows[r];

	if (!l->on)
		return;
	MUST(dec_sign(l->max) >= 0 && dec_sign(l->target) >= 0 && l->window_ms >= 0);
	MUST(l->nstep >= 0 && l->nstep <= STEPS_MAX && l->act >= ACT_NOTICE && l->act <= ACT_TRIP);
	MUST(!l->clip || row->clips);
	MUST(show_clean(l->reason, strlen(l->reason)));
	for (int i = 1; i < l->nstep; i++)
		MUST(dec_cmp(l->step[i].at, l->step[i - 1].at) > 0 && dec_cmp(l->step[i].keep, l->step[i - 1].keep) < 0);
	if (row->events)
		MUST((row->actions & 1u << l->act) != 0);
}

static void
check_all(const struct limits *l)
{
	struct buf out = { 0 };
	int64_t vol, ref;

	for (int r = 0; r < RULES; r++)
		check_limit((enum rule)r, &l->r[r]);
	for (int i = 0; i < l->nown; i++) {
		check_limit(l->own[i].rule, &l->own[i].l);
		MUST(rule_rows[l->own[i].rule].per_symbol && limit_of(l, l->own[i].rule, l->own[i].symbol) == &l->own[i].l);
	}
	MUST(l->r[R_STATUS].on && l->r[R_ACCOUNT_AGE].on);	/* nobody switches these off */
	limits_windows(l, &vol, &ref);
	MUST(vol >= 0 && ref >= 0);
	limits_put(l, &out, 1700000000000);
	MUST(!out.bad);
	buf_free(&out);
	check_record(l);
}

/* An option may switch a rule on; what was on is as tight as before or tighter. */
static void
option(struct limits *l, const char *arg)
{
	struct limit was[RULES];
	struct fault f = { 0 };
	int way;

	memcpy(was, l->r, sizeof was);
	if (limits_option(l, arg, &f) == -1) {
		MUST(f.kind == FAULT_USAGE);
		check_fault(&f);
		MUST(memcmp(was, l->r, sizeof was) == 0);
		return;
	}
	tightened++;
	for (int r = 0; r < RULES; r++) {
		way = dec_cmp(l->r[r].max, was[r].max);
		MUST(!was[r].on || (l->r[r].on && (rule_rows[r].minimum ? way >= 0 : way <= 0)));
	}
	check_all(l);
}

static void
options(struct limits *l, const char *at, const char *end)
{
	char arg[300];
	const char *nl;

	for (; at < end; at = nl + 1) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		snprintf(arg, sizeof arg, "%.*s", (int)(nl - at > 299 ? 299 : nl - at), at);
		option(l, arg);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *nul = size == 0 ? NULL : memchr(data, '\0', size);
	size_t n = nul == NULL ? size : (size_t)(nul - text);
	struct fault f = { 0 };
	struct limits l;
	char name[200];
	int r;

	as_file(name, data, n);
	limits_init(&l);
	r = limits_file(&l, name, &f);
	unlink(name);
	if (r == -1) {
		MUST(f.kind == FAULT_USAGE);
		check_fault(&f);
		declined++;
	} else {
		accepted++;
		check_all(&l);
		if (nul != NULL)
			options(&l, nul + 1, text + size);
	}
	limits_free(&l);
	return 0;
}
