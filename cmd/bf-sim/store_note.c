/* What the engine changed is noted, to be written at the end of the turn. */
#include <stdlib.h>
#include <string.h>

#include "store_in.h"

static void
add_note(struct store *st, enum note_kind kind, int acct, int what, uint64_t id)
{
	struct note *n;
	int cap = st->cnote == 0 ? 64 : 2 * st->cnote;

	if (acct < 0 || what < 0)
		return;
	for (int i = st->nnote - 1; i >= 0 && i >= st->nnote - 16; i--) {
		n = &st->note[i];
		if (n->kind == kind && n->acct == acct && n->what == what && n->id == id)
			return;
	}
	if (st->nnote == st->cnote) {
		if ((n = realloc(st->note, (size_t)cap * sizeof *n)) == NULL) {
			st->no_memory = true;
			return;
		}
		st->note = n;
		st->cnote = cap;
	}
	st->note[st->nnote++] = (struct note){ kind, acct, what, id };
}

static void
note_order(struct store *st, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;

	add_note(st, NOTE_ORDER, o->acct, o->sym, o->id);
	st->moved[o->sym] = true;
	if (o->acct < 0 || o->acct >= st->nseen)
		return;
	if (ev->u.order.trade_id != 0 || ev->u.order.x == EXEC_CALCULATED) {
		st->seen[o->acct].traded = true;
		add_note(st, NOTE_HOLD, o->acct, o->sym, 0);
	}
	if (ev->u.order.x == EXEC_AMENDMENT)
		st->seen[o->acct].amended = true;
}

static void
note_account(struct store *st, const struct engine_event *ev)
{
	if (strcmp(ev->u.account.reason, "MARGIN_TRANSFER") == 0 && ev->acct >= 0 &&
	    ev->acct < st->nseen)
		st->seen[ev->acct].moves++;
	for (int i = 0; i < ev->u.account.nwallet; i++)
		add_note(st, NOTE_WALLET, ev->acct, ev->u.account.wallet[i].asset, 0);
	for (int i = 0; i < ev->u.account.npos; i++)
		add_note(st, NOTE_HOLD, ev->acct, ev->u.account.pos[i].sym, 0);
	add_note(st, NOTE_HOLD, ev->acct, ev->u.account.about, 0);
	add_note(st, NOTE_HOLD, ev->acct, ev->sym, 0);
}

static void
note_income(struct store *st, const struct engine_event *ev)
{
	const struct engine_income *row = ev->u.income.row;
	int cap = st->cincome == 0 ? 64 : 2 * st->cincome, *acct;
	struct engine_income *more;

	add_note(st, NOTE_WALLET, ev->acct, row->asset, 0);
	add_note(st, NOTE_HOLD, ev->acct, row->sym, 0);
	if (st->nincome == st->cincome) {
		more = realloc(st->income, (size_t)cap * sizeof *more);
		if (more != NULL)
			st->income = more;
		acct = realloc(st->income_acct, (size_t)cap * sizeof *acct);
		if (acct != NULL)
			st->income_acct = acct;
		if (more == NULL || acct == NULL) {
			st->no_memory = true;
			return;
		}
		st->cincome = cap;
	}
	st->income[st->nincome] = *row;
	st->income_acct[st->nincome++] = ev->acct;
}

void
store_event(struct store *st, const struct engine_event *ev)
{
	if (st->engine == NULL)		/* accounts being made: new ones are written whole */
		return;
	switch (ev->kind) {
	case EV_ORDER:
		note_order(st, ev);
		break;
	case EV_ACCOUNT:
		note_account(st, ev);
		break;
	case EV_CONFIG:
		add_note(st, NOTE_HOLD, ev->acct, ev->sym, 0);
		break;
	case EV_INCOME:
		note_income(st, ev);
		break;
	case EV_ALGO:
		add_note(st, NOTE_ALGO, ev->u.algo.o->acct, ev->u.algo.o->sym, ev->u.algo.o->id);
		break;
	case EV_TRADE:
	case EV_BOOK:
	case EV_MARK:
		st->stirred[ev->sym] = true;
		break;
	case EV_MARGIN_CALL:
	case EV_FORCE:
	case EV_CONTRACT:
	case EV_FUNDING:
		break;
	}
}
