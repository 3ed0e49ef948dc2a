/* Margin of an isolated position, in and out. */
#include <string.h>
#include <time.h>

#include "core/params.h"
#include "setting.h"

#define LOOK_MS		300	/* between two looks for a request that was not answered */
#define LATE_MS		2000	/* after its window: what the exchange shows may lag */
#define BACK_MS		60000	/* moves as old as this are counted before */

struct move {
	struct app	*a;
	struct contract	*c;
	struct session	*s;
	enum pos_side	 side;
	const char	*leg;		/* "BOTH", "LONG", "SHORT" */
	dec		 amount;	/* > 0 in, < 0 out */
	dec		 was, now;	/* isolated wallet */
	dec		 liq;		/* the exchange's liquidation price, as last read; 0: none */
	int64_t		 since_ms;	/* of the history that is looked at */
	int		 moves;		/* such moves there before */
	struct preview	 pv;
};

/* "+100", "-50"; "add 100", "remove 50". */
static int
read_amount(dec *out, char *const words[], int n, struct fault *f)
{
	const char *s = words[n - 1];
	bool in = n == 2 ? strcmp(words[0], "add") == 0 : *s == '+';
	bool way = in || (n == 2 ? strcmp(words[0], "remove") == 0 : *s == '-');

	if (!way || !dec_parse(out, n == 2 ? s : s + 1) || dec_sign(*out) <= 0)
		return fault_set(f, FAULT_USAGE, "margin: add AMOUNT (or +AMOUNT) puts margin in, remove AMOUNT (or "
		    "-AMOUNT) takes it out, not %.40s", s);
	if (!in)
		*out = dec_neg(*out);
	return 0;
}

/* Which of the positions is meant. */
static int
read_side(struct move *m, struct fault *f)
{
	static const char *const leg[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	const char *word = m->a->p.side;
	bool hedge = m->a->acct[m->c->market].hedge;

	if (word != NULL && strcmp(word, "long") != 0 && strcmp(word, "short") != 0)
		return fault_set(f, FAULT_USAGE, "--position-side %.20s: long or short", word);
	if (hedge && word == NULL)
		return fault_set(f, FAULT_USAGE, "the account is in hedge mode: --position-side long or --position-side short is needed");
	if (!hedge && word != NULL)
		return fault_set(f, FAULT_USAGE, "--position-side %s: the account is in one-way mode, there is one position", word);
	m->side = !hedge ? POS_BOTH : strcmp(word, "long") == 0 ? POS_LONG : POS_SHORT;
	m->leg = leg[m->side];
	return 0;
}

/*
 * Looking
 */

/* The isolated wallet as it is now. A position that is not told of has none. */
static int
look_wallet(struct move *m, struct fault *f)
{
	bool coinm = m->s->market == MARKET_COINM;
	const struct rules *r = &m->c->rules;
	struct account acct = { 0 };
	const struct position *p;
	struct buf q = { 0 };
	int ret;

	buf_str(&q, coinm ? "pair=" : "symbol=");
	query_escape(&q, coinm ? r->pair : r->symbol);
	ret = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : session_call(m->s, EP_POSITION_RISK, q.p, true, f);
	buf_free(&q);
	if (ret == 0)
		ret = account_read_positions(&acct, m->s->doc.t, m->s->doc.t, f);
	if (ret == 0) {
		p = account_position(&acct, r->symbol, m->side);
		m->now = p == NULL ? dec_int(0) : p->isolated_wallet;
		m->liq = p == NULL ? dec_int(0) : p->liq;
	}
	account_free(&acct);
	return ret;
}

static bool
is_such(const struct move *m, const struct tok *t, const struct tok *v)
{
	int64_t type;
	dec amount;

	return scan_get_i64(t, v, "type", &type) && type == (dec_sign(m->amount) > 0 ? 1 : 2) &&
	    scan_get_dec(t, v, "amount", &amount) && dec_cmp(dec_abs(amount), dec_abs(m->amount)) == 0 &&
	    scan_get_is(t, v, "positionSide", m->leg);
}

/* How many moves of this position, this way and of this amount, there were since since_ms. */
static int
count_moves(struct move *m, int *out, struct fault *f)
{
	struct buf q = { 0 };
	const struct tok *t;
	int r;

	buf_str(&q, "symbol=");
	query_escape(&q, m->c->rules.symbol);
	buf_printf(&q, "&type=%d&startTime=%lld&limit=500", dec_sign(m->amount) > 0 ? 1 : 2, (long long)m->since_ms);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    session_call(m->s, EP_POSITION_MARGIN_HISTORY, q.p, true, f);
	buf_free(&q);
	if (r == -1)
		return -1;
	t = m->s->doc.t;
	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "positionMargin/history: not a list");
	*out = 0;
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		*out += is_such(m, t, v);
	return 0;
}

/* 1: the move is there, by the wallet or by the history; 0: by neither; -1: f. */
static int
look(struct move *m, struct fault *f)
{
	dec want;
	int n;

	if (look_wallet(m, f) == -1)
		return -1;
	if (dec_add(&want, m->was, m->amount) && dec_cmp(m->now, want) == 0)
		return 1;
	/* Funding, a fill or somebody else has changed the wallet beside it: the history tells. */
	if (count_moves(m, &n, f) == -1)
		return -1;
	return n > m->moves;
}

/*
 * Moving
 */

static void
pause_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&ts, NULL);
}

/*
 * A request without an answer: it may be carried out until its window has passed. After that what is
 * not there was not made. It is never sent again from here.
 */
static int
settle(struct move *m, const struct fault *no, struct fault *f)
{
	int64_t end = session_now(m->s) + m->s->prof.recv_window + LATE_MS;
	bool over;
	int r;

	do {
		over = session_now(m->s) > end;
		if ((r = look(m, f)) == 1)
			return 0;
		if (r == -1) {
			f->kind = FAULT_UNKNOWN;
			return -1;
		}
		if (!over)
			pause_ms(LOOK_MS);
	} while (!over);
	return fault_set(f, FAULT_AGAIN, "%s: no answer (%.100s), and neither the position nor its history shows the "
	    "margin moved: it was not", m->c->rules.symbol, no->text);
}

static int
send_move(struct move *m, struct fault *f)
{
	char amount[DEC_STR];
	struct fault no = { 0 };
	struct buf q = { 0 };
	int r;

	dec_print_short(dec_abs(m->amount), amount);
	buf_str(&q, "symbol=");
	query_escape(&q, m->c->rules.symbol);
	buf_printf(&q, "&positionSide=%s&amount=%s&type=%d", m->leg, amount, dec_sign(m->amount) > 0 ? 1 : 2);
	m->a->asked = true;
	r = q.bad ? fault_set(&no, FAULT_LOCAL, "out of memory") :
	    session_call(m->s, EP_POSITION_MARGIN, q.p, dec_sign(m->amount) > 0, &no);
	buf_free(&q);
	if (r == -1 && no.kind == FAULT_UNKNOWN)
		return settle(m, &no, f);
	if (r == -1) {
		*f = no;
		return -1;
	}
	if ((r = look(m, f)) == 1)
		return 0;
	if (r == -1)
		f->kind = FAULT_UNKNOWN;
	return r == -1 ? -1 : fault_set(f, FAULT_UNKNOWN, "%s: done, says the exchange, but neither the position nor its "
	    "history shows it yet", m->c->rules.symbol);
}

static int
put(struct move *m, struct fault *f)
{
	struct app *a = m->a;
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.setting");
	jw_i64(b, "E", session_now(m->s));
	jw_str(b, "market", market_word(m->c->market));
	jw_str(b, "symbol", m->c->rules.symbol);
	jw_str(b, "positionSide", m->leg);
	jw_dec(b, "amount", m->amount);
	jw_str(b, "asset", m->c->rules.margin);
	jw_bool(b, "changed", true);
	if (a->p.dry_run)
		jw_bool(b, "dryRun", true);
	jw_dec(b, "isolatedWalletBefore", m->was);
	jw_dec(b, "isolatedWalletAfter", m->now);
	if (!a->p.dry_run)
		put_maybe(b, "liquidationPrice", dec_sign(m->liq) > 0, &m->liq);
	preview_put(a, &m->pv, m->c->rules.symbol, m->c->rules.margin);
	jw_close(b, '}');
	return emit(a, f);
}

/* What it would do. The exchange decides, but a dry run says what it would say. */
static int
see(struct move *m, struct fault *f)
{
	if (preview_begin(&m->pv, m->a, m->c->market, f) == -1)
		return -1;
	if (account_move_margin(&m->pv.after, m->c, m->side, m->amount, f) == -1)
		return f->kind != FAULT_REJECTED || m->a->p.dry_run ? -1 : 0;
	return preview_end(&m->pv, m->a, f);
}

/* Taking out of a long position adds to its risk: the latch of that side counts. */
static int
check_latch(const struct move *m, const struct position *p, struct fault *f)
{
	if (dec_sign(m->amount) > 0)
		return 0;
	return setting_latch(m->s, m->c->rules.symbol, p == NULL ? 0 : dec_sign(p->amt) > 0 ? SIDE_BUY :
	    dec_sign(p->amt) < 0 ? SIDE_SELL : 0, f);
}

static int
move(struct move *m, struct fault *f)
{
	const struct position *p;

	if (read_side(m, f) == -1)
		return -1;
	p = account_position(&m->a->acct[m->c->market], m->c->rules.symbol, m->side);
	m->was = p == NULL ? dec_int(0) : p->isolated_wallet;
	if (check_latch(m, p, f) == -1 || see(m, f) == -1)
		return -1;
	if (m->a->p.dry_run)
		return dec_add(&m->now, m->was, m->amount) ? put(m, f) : fault_set(f, FAULT_LOCAL, "out of room");
	m->since_ms = session_now(m->s) - BACK_MS;
	if (count_moves(m, &m->moves, f) == -1 || send_move(m, f) == -1)
		return -1;
	return put(m, f);
}

int
do_margin(struct app *a, char *const words[], int n, struct fault *f)
{
	struct move m = { .a = a };
	int r;

	if (n != 2 && n != 3)
		return fault_set(f, FAULT_USAGE, "margin takes a symbol and what is to be moved: bf-position margin "
		    "BTCUSDT add 100");
	if (read_amount(&m.amount, words + 1, n - 1, f) == -1 || app_open(a, f) == -1 ||
	    (m.c = app_contract(a, words[0], f)) == NULL || (m.s = venue_session(&a->v, m.c->market, f)) == NULL ||
	    setting_load(a, m.c->market, NULL, NULL, f) == -1)
		return -1;
	r = move(&m, f);
	preview_free(&m.pv);
	return r;
}
