/* Events of an account: ACCOUNT_UPDATE, ACCOUNT_CONFIG_UPDATE, MARGIN_CALL. */
#include "user_in.h"

static void
put_wallet(struct user *u, const struct engine_wallet_brief *w)
{
	struct buf *b = &u->b;

	jw_open(b, NULL, '{');
	jw_str(b, "a", engine_asset_at(u->s->engine, w->asset)->name);
	number_money(b, "wb", w->wallet);
	number_money(b, "cw", w->cross);
	number_short(b, "bc", w->change);
	jw_close(b, '}');
}

static void
put_position(struct user *u, const struct engine_pos_brief *p)
{
	struct buf *b = &u->b;

	jw_open(b, NULL, '{');
	jw_str(b, "s", user_symbol(u, p->sym));
	number_short(b, "pa", p->amt);
	number_short(b, "ep", p->entry);
	number_short(b, "bep", p->break_even);
	number_money(b, "cr", p->realized);
	number_money(b, "up", p->upnl);
	jw_str(b, "mt", p->isolated ? "isolated" : "cross");
	number_money(b, "iw", p->iso_wallet);
	jw_str(b, "ps", pos_mode_name(p->pos_mode));
	jw_close(b, '}');
}

void
user_account(struct user *u, const struct engine_event *ev)
{
	struct buf *b;

	if (!user_heard(u, ev->acct, ev->market, "ACCOUNT_UPDATE"))
		return;
	b = user_begin(u, "ACCOUNT_UPDATE", ev->ms);
	jw_i64(b, "T", ev->ms);
	user_alias(u, ev->acct, ev->market);
	jw_open(b, "a", '{');
	jw_str(b, "m", ev->u.account.reason);
	jw_open(b, "B", '[');
	for (int i = 0; i < ev->u.account.nwallet; i++)
		put_wallet(u, &ev->u.account.wallet[i]);
	jw_close(b, ']');
	jw_open(b, "P", '[');
	for (int i = 0; i < ev->u.account.npos; i++)
		put_position(u, &ev->u.account.pos[i]);
	jw_close(b, ']');
	if (ev->u.account.about != -1)
		jw_str(b, "S", user_symbol(u, ev->u.account.about));
	jw_close(b, '}');
	user_push(u, ev->acct, ev->market, "ACCOUNT_UPDATE");
}

void
user_config(struct user *u, const struct engine_event *ev)
{
	struct buf *b;

	if (!user_heard(u, ev->acct, ev->market, "ACCOUNT_CONFIG_UPDATE"))
		return;
	b = user_begin(u, "ACCOUNT_CONFIG_UPDATE", ev->ms);
	jw_i64(b, "T", ev->ms);
	if (ev->sym == -1) {
		jw_open(b, "ai", '{');
		jw_bool(b, "j", ev->u.config.multi);
	} else {
		jw_open(b, "ac", '{');
		jw_str(b, "s", user_symbol(u, ev->sym));
		jw_i64(b, "l", ev->u.config.leverage);
	}
	jw_close(b, '}');
	user_push(u, ev->acct, ev->market, "ACCOUNT_CONFIG_UPDATE");
}

/*
 * Margin calls
 */

static void
put_endangered(struct user *u, const struct engine_pos_brief *p)
{
	struct buf *b = &u->b;

	jw_open(b, NULL, '{');
	jw_str(b, "s", user_symbol(u, p->sym));
	jw_str(b, "ps", pos_mode_name(p->pos_mode));
	number_short(b, "pa", p->amt);
	jw_str(b, "mt", p->isolated ? "ISOLATED" : "CROSSED");
	number_money(b, "iw", p->iso_wallet);
	number_money(b, "mp", p->mark);
	number_money(b, "up", p->upnl);
	number_money(b, "mm", p->maint);
	jw_close(b, '}');
}

void
user_call(struct user *u, const struct engine_event *ev)
{
	struct buf *b;

	if (!user_heard(u, ev->acct, ev->market, "MARGIN_CALL"))
		return;
	b = user_begin(u, "MARGIN_CALL", ev->ms);
	user_alias(u, ev->acct, ev->market);
	if (ev->u.call.cross)
		number_money(b, "cw", ev->u.call.cross_wallet);
	jw_open(b, "p", '[');
	for (int i = 0; i < ev->u.call.npos; i++)
		put_endangered(u, &ev->u.call.pos[i]);
	jw_close(b, ']');
	user_push(u, ev->acct, ev->market, "MARGIN_CALL");
}

/* One leg of the account as it stands; false: it holds nothing. */
static bool
brief_of(const struct engine *e, int acct, int sym, enum pos_mode leg, struct engine_pos_brief *out)
{
	struct engine_position p;

	if (!engine_position(e, acct, sym, leg, &p) || dec_sign(p.amt) == 0)
		return false;
	*out = (struct engine_pos_brief){ .sym = sym, .pos_mode = leg, .amt = p.amt, .entry = p.entry,
		.break_even = p.break_even, .upnl = p.upnl, .isolated = p.isolated,
		.iso_wallet = p.iso_wallet, .mark = p.mark, .maint = p.maint };
	return true;
}

#define CALL_MAX 64	/* positions of one message */

/* All positions of one margin asset. */
static int
gather(const struct engine *e, int acct, int asset, struct engine_pos_brief out[static CALL_MAX])
{
	int n = 0;

	for (int i = 0; i < engine_symbols(e); i++)
		for (int leg = MODE_BOTH; leg <= MODE_SHORT; leg++)
			if (n < CALL_MAX && engine_asset_of(e, i) == asset &&
			    brief_of(e, acct, i, (enum pos_mode)leg, &out[n]))
				n++;
	return n;
}

/* An asset without positions says nothing, but USDT, so that there is a message. */
void
user_margin_call(struct user *u, int acct, int64_t now_ms)
{
	const struct engine *e = u->s->engine;
	struct engine_pos_brief pos[CALL_MAX];
	struct engine_balance bal;
	struct engine_event ev = { .kind = EV_MARGIN_CALL, .ms = now_ms, .acct = acct, .sym = -1 };

	for (int i = 0; i < engine_assets(e); i++) {
		ev.u.call.npos = gather(e, acct, i, pos);
		if ((ev.u.call.npos == 0 && i != 0) || !engine_balance(e, acct, i, &bal))
			continue;
		ev.market = engine_asset_at(e, i)->market;
		ev.u.call.pos = pos;
		ev.u.call.cross_wallet = bal.cross_wallet;
		ev.u.call.cross = ev.u.call.npos == 0;
		for (int k = 0; k < ev.u.call.npos; k++)
			ev.u.call.cross |= !pos[k].isolated;
		user_call(u, &ev);
	}
}
