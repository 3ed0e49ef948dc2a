/* Reading an intent. Its members are in intent_member.c, what contradicts in intent_check.c. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/intent_in.h"
#include "core/show.h"

static const char *const op_names[OPS] = {
	[OP_PLACE] = "place", [OP_CANCEL] = "cancel", [OP_CANCEL_ALL] = "cancel-all", [OP_MODIFY] = "modify"
};

const char *
intent_op_word(enum intent_op op)
{
	return op_names[op];
}

int
intent_refuse(struct fault *f, int code, const char *field, const struct tok *v, const char *rule)
{
	char value[64] = "", num[16] = "";

	if (v != NULL)
		show_text(value, sizeof value, v->p, v->len);
	if (code != 0)
		snprintf(num, sizeof num, " (%d)", code);
	fault_set(f, FAULT_REJECTED, "%s%s%s: %s%s", field, v != NULL ? " " : "", value, rule, num);
	if (f != NULL)
		f->code = code;
	return -1;
}

/*
 * Members by name
 */

/* The member whose name differs from k in case or in "_" and "-" only; -1: none. Such a
 * name is a slip, and the order without what it says would be another one. */
static int
nearly(const struct tok *k)
{
	char name[48], plain[48];
	size_t n = 0;

	if (!scan_str(k, name, sizeof name))
		return -1;
	for (const char *p = name; *p != '\0'; p++)
		if (*p != '_' && *p != '-')
			plain[n++] = *p;
	plain[n] = '\0';
	for (int i = 0; i < MEMBERS; i++)
		if (strcasecmp(plain, intent_members[i].name) == 0)
			return i;
	return -1;
}

static int
misspelt(const struct tok *k, const struct tok *v, int meant, struct fault *f)
{
	char name[64], rule[64];

	show_text(name, sizeof name, k->p, k->len);
	snprintf(rule, sizeof rule, "no parameter; %s is meant", intent_members[meant].name);
	return intent_refuse(f, -1103, name, v, rule);
}

static int
find_members(found at, const struct tok *t, const struct tok *v, struct fault *f)
{
	const struct tok *k, *val;
	int i, meant;

	if (v->kind != SCAN_OBJ)
		return intent_refuse(f, 0, "intent", v, "must be a JSON object");
	for (k = scan_first(v); k != NULL; k = scan_next(t, v, val)) {
		val = k + 1;
		for (i = 0; i < MEMBERS && !scan_is(k, intent_members[i].name); i++)
			;
		if (i == MEMBERS) {
			if ((meant = nearly(k)) != -1)
				return misspelt(k, val, meant, f);
			continue;
		}
		if (at[i] != NULL)
			return intent_refuse(f, -1101, intent_members[i].name, val, "given twice");
		at[i] = val;
	}
	if (scan_has_duplicate(t, v))
		return intent_refuse(f, -1101, "intent", NULL, "some member is given twice");
	return 0;
}

static int
read_op(enum intent_op *op, const struct tok *v, struct fault *f)
{
	*op = OP_PLACE;
	if (v == NULL)
		return 0;
	for (int i = 0; i < OPS; i++)
		if (scan_is(v, op_names[i])) {
			*op = (enum intent_op)i;
			return 0;
		}
	return intent_refuse(f, 0, "op", v, intent_members[M_OP].rule);
}

static int
read_member(struct reading *r, int i, struct fault *f)
{
	const struct member *m = &intent_members[i];
	const struct tok *v = r->raw[i];
	unsigned op = 1u << r->in->op;
	char rule[48];

	if (v == NULL)
		return (m->need & op) ? intent_refuse(f, -1102, m->name, NULL, "missing") : 0;
	if (m->bar & op) {
		snprintf(rule, sizeof rule, "not a parameter of %s", op_names[r->in->op]);
		return intent_refuse(f, -1106, m->name, v, rule);
	}
	if (!((m->need | m->may) & op) || (m->off != NULL && m->off(v)))
		return 0;
	r->at[i] = v;
	return m->read(r->in, v) ? 0 : intent_refuse(f, m->code, m->name, v, m->rule);
}

int
intent_read(struct intent *out, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct reading r = { .in = out };

	memset(out, 0, sizeof *out);
	if (find_members(r.raw, t, v, f) == -1 || read_op(&out->op, r.raw[M_OP], f) == -1)
		return -1;
	for (int i = 0; i < MEMBERS; i++)
		if (read_member(&r, i, f) == -1)
			return -1;
	return intent_check(&r, f);
}

/*
 * An order or a trade as the exchange tells it has symbol and side too, but
 * also the id it was given; a line of answers is not a line of new orders.
 */
static bool
is_answer(const struct tok *t, const struct tok *v)
{
	return (scan_get(t, v, "orderId") != NULL || scan_get(t, v, "algoId") != NULL) &&
	    (scan_get(t, v, "status") != NULL || scan_get(t, v, "algoStatus") != NULL ||
	    scan_get(t, v, "id") != NULL);
}

enum record_kind
intent_kind(const struct tok *t, const struct tok *v)
{
	if (scan_get(t, v, "e") != NULL)
		return REC_OTHER;
	if (scan_get(t, v, "op") != NULL)
		return REC_INTENT;
	if (scan_get(t, v, "symbol") == NULL || scan_get(t, v, "side") == NULL || is_answer(t, v))
		return REC_OTHER;
	return REC_INTENT;
}
