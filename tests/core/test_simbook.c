/* The order book of the simulated exchange against a naive one: a plain list of
 * what stands at each price, in the order it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/state.h"

#define PRICES	60	/* bids below, asks from the middle on */
#define QUEUE	64
#define ORDERS	40

/* What the rest of the engine would do. */
void
eng_changed(struct engine *e, struct sym *s)
{
	(void)e;
	s->changed = true;
}

/* What a client knows: levels by price, from events alone. */
static struct {
	int64_t qty[PRICES];
	uint64_t u;
	int events, n;
	struct engine_level last[8];
} seen;

void
eng_emit(struct engine *e, struct engine_event *ev)
{
	int i;

	(void)e;
	assert_int_equal(ev->kind, EV_BOOK);
	assert_true(ev->u.book.pu == seen.u && ev->u.book.U == seen.u + 1);
	assert_true(ev->u.book.u == seen.u + (uint64_t)ev->u.book.n);
	seen.u = ev->u.book.u;
	seen.events++;
	seen.n = ev->u.book.n;
	for (i = 0; i < ev->u.book.n; i++) {
		seen.qty[ev->u.book.level[i].price.c] = (int64_t)ev->u.book.level[i].qty.c;
		if (i < 8)
			seen.last[i] = ev->u.book.level[i];
	}
}

/* The naive book. ord NULL: a piece of the outside. */
struct piece { struct ord *ord; int64_t qty; };
static struct { struct piece v[QUEUE]; int n; } naive[PRICES];

static struct engine e;
static struct sym s;
static struct ord orders[ORDERS];

static uint64_t
roll(uint64_t n)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % n;
}

static dec
whole(int64_t n)
{
	return dec_int(n);
}

static enum order_side
side_of(int price)
{
	return price < PRICES / 2 ? SIDE_BUY : SIDE_SELL;
}

static void
drop(int p, int i)
{
	memmove(&naive[p].v[i], &naive[p].v[i + 1],
	    (size_t)(--naive[p].n - i) * sizeof naive[p].v[0]);
}

static int64_t
outside_at(int p)
{
	int64_t sum = 0;

	for (int i = 0; i < naive[p].n; i++)
		if (naive[p].v[i].ord == NULL)
			sum += naive[p].v[i].qty;
	return sum;
}

static void
naive_outside(int p, int64_t qty)
{
	int64_t less = outside_at(p) - qty, t;
	int i;

	if (less < 0)
		naive[p].v[naive[p].n++] = (struct piece){ NULL, -less };
	for (i = naive[p].n - 1; i >= 0 && less > 0; i--) {
		if (naive[p].v[i].ord != NULL)
			continue;
		t = naive[p].v[i].qty < less ? naive[p].v[i].qty : less;
		less -= t;
		if ((naive[p].v[i].qty -= t) == 0)
			drop(p, i);
	}
}

static void
add(int k)
{
	struct ord *o = &orders[k];
	int p = (int)roll(PRICES);

	if (o->resting || naive[p].n > QUEUE / 2)
		return;
	memset(o, 0, sizeof *o);
	o->o.side = side_of(p);
	o->o.price = whole(p);
	o->o.qty = whole(1 + (int64_t)roll(9));
	o->o.filled = whole(0);
	book_add(&e, &s, o);
	naive[p].v[naive[p].n++] = (struct piece){ o, (int64_t)o->o.qty.c };
}

static int
place_of(const struct ord *o)
{
	int p = (int)o->o.price.c, i;

	for (i = 0; naive[p].v[i].ord != o; i++)
		assert_true(i < naive[p].n);
	return i;
}

static void
take(int k, bool all)
{
	struct ord *o = &orders[k];
	int p = (int)o->o.price.c, i;

	if (!o->resting)
		return;
	i = place_of(o);
	if (all || naive[p].v[i].qty == 1) {
		book_remove(&e, &s, o);
		drop(p, i);
		return;
	}
	book_take(&e, &s, o, whole(1));
	o->o.filled.c++;
	naive[p].v[i].qty--;
}

static struct level *
level_of(int p)
{
	struct level *l;

	for (l = book_best(&s, side_of(p)); l != NULL; l = book_next(l))
		if (dec_cmp(l->price, whole(p)) == 0)
			return l;
	return NULL;
}

/* The pieces of the outside in front of the first order. */
static void
trade_front(int p)
{
	struct level *l = level_of(p);
	int64_t front = 0, q;
	int i;

	for (i = 0; i < naive[p].n && naive[p].v[i].ord == NULL; i++)
		front += naive[p].v[i].qty;
	if (l == NULL) {
		assert_int_equal(naive[p].n, 0);
		return;
	}
	assert_int_equal(dec_cmp(book_outside_front(l), whole(front)), 0);
	if (front == 0)
		return;
	q = 1 + (int64_t)roll((uint64_t)front);
	book_outside_take(&e, &s, l, whole(q));
	for (; q > 0; q--)
		if (--naive[p].v[0].qty == 0)
			drop(p, 0);
}

static void
snapshot(void)
{
	struct engine_level v[5];
	int p, i, n = (int)roll(6);

	for (i = 0; i < n; i++) {
		p = (int)roll(PRICES);
		v[i] = (struct engine_level){ side_of(p), whole(p), whole(1) };
	}
	book_outside_only(&e, &s, v, n);
	for (p = 0; p < PRICES; p++) {
		for (i = 0; i < n; i++)
			if (dec_cmp(v[i].price, whole(p)) == 0)
				break;
		if (i == n)
			naive_outside(p, 0);
	}
}

static void
step(void)
{
	int p = (int)roll(PRICES), k = (int)roll(ORDERS);
	int64_t qty;

	switch (roll(12)) {
	case 0: case 1: case 2:
		add(k);
		break;
	case 3: case 4:
		take(k, false);
		break;
	case 5:
		take(k, true);
		break;
	case 6: case 7: case 8: case 9:
		if (naive[p].n > QUEUE / 2)
			break;
		qty = (int64_t)roll(3) * (int64_t)roll(9);
		book_outside(&e, &s, side_of(p), whole(p), whole(qty));
		naive_outside(p, qty);
		break;
	case 10:
		trade_front(p);
		break;
	default:
		if (roll(20) == 0)
			snapshot();
	}
}

/* The level's queue is the naive list: order by order, with what is between. */
static void
compare_level(const struct level *l, int p)
{
	const struct ord *o = l->head;
	int64_t ahead = 0, sum = 0;

	for (int i = 0; i < naive[p].n; i++) {
		sum += naive[p].v[i].qty;
		if (naive[p].v[i].ord == NULL) {
			ahead += naive[p].v[i].qty;
			continue;
		}
		assert_ptr_equal(o, naive[p].v[i].ord);
		assert_int_equal(dec_cmp(o->ahead, whole(ahead)), 0);
		assert_int_equal(dec_cmp(order_rest(o), whole(naive[p].v[i].qty)), 0);
		o = o->lnext;
		ahead = 0;
	}
	assert_null(o);
	assert_int_equal(dec_cmp(l->tail, whole(ahead)), 0);
	assert_int_equal(dec_cmp(l->qty, whole(sum)), 0);
}

static void
compare_side(enum order_side side)
{
	const struct level *l = book_best(&s, side);
	int i, p, n = 0;

	for (i = 0; i < PRICES / 2; i++) {
		p = side == SIDE_BUY ? PRICES / 2 - 1 - i : PRICES / 2 + i;
		if (naive[p].n == 0) {
			assert_int_equal(dec_sign(book_qty(&s, side, whole(p))), 0);
			continue;
		}
		assert_non_null(l);
		assert_int_equal(dec_cmp(l->price, whole(p)), 0);
		compare_level(l, p);
		l = book_next(l);
		n++;
	}
	assert_null(l);
	assert_int_equal(n, side == SIDE_BUY ? s.bids.n : s.asks.n);
}

static void
compare_seen(void)
{
	bool bad = false;

	for (int p = 0; p < PRICES; p++)
		assert_int_equal(dec_cmp(book_qty(&s, side_of(p), whole(p)), whole(seen.qty[p])), 0);
	assert_null(book_check(&s, &bad));
	assert_false(bad);
}

static void
open_book(void)
{
	memset(&e, 0, sizeof e);
	memset(&s, 0, sizeof s);
	memset(&seen, 0, sizeof seen);
	memset(naive, 0, sizeof naive);
	memset(orders, 0, sizeof orders);
}

static void
test_it_is_what_a_plain_list_would_be(void **state)
{
	int i;

	(void)state;
	open_book();
	for (i = 0; i < 60000; i++) {
		step();
		compare_side(SIDE_BUY);
		compare_side(SIDE_SELL);
		if (roll(7) == 0) {
			book_publish(&e, &s);
			compare_seen();
		}
	}
	assert_true(seen.events > 1000);
	assert_false(e.bad);
	book_free(&s);
}

static void
test_levels_are_published_once_in_the_order_they_changed(void **state)
{
	struct ord *o = &orders[0];

	(void)state;
	open_book();
	book_outside(&e, &s, SIDE_SELL, whole(50), whole(3));
	book_outside(&e, &s, SIDE_BUY, whole(10), whole(3));
	book_outside(&e, &s, SIDE_SELL, whole(40), whole(2));
	book_outside(&e, &s, SIDE_SELL, whole(50), whole(4));
	assert_true(s.changed);
	book_publish(&e, &s);
	assert_int_equal(seen.n, 3);
	assert_int_equal(dec_cmp(seen.last[0].price, whole(50)), 0);
	assert_int_equal(dec_cmp(seen.last[0].qty, whole(4)), 0);
	assert_int_equal(dec_cmp(seen.last[1].price, whole(10)), 0);
	assert_int_equal(dec_cmp(seen.last[2].price, whole(40)), 0);
	book_outside(&e, &s, SIDE_BUY, whole(10), whole(0));	/* and back again: nothing */
	book_outside(&e, &s, SIDE_BUY, whole(10), whole(3));
	book_publish(&e, &s);
	assert_int_equal(seen.events, 1);
	o->o.side = SIDE_BUY;
	o->o.price = whole(20);
	o->o.qty = whole(1);
	book_add(&e, &s, o);
	book_remove(&e, &s, o);
	book_publish(&e, &s);
	assert_int_equal(seen.events, 1);
	compare_seen();
	book_free(&s);
}

/* The pessimistic reading: what grows joins behind, what shrinks leaves there. */
static void
test_an_order_keeps_its_place_among_the_outside(void **state)
{
	struct ord *o = &orders[0];

	(void)state;
	open_book();
	book_outside(&e, &s, SIDE_BUY, whole(10), whole(5));
	o->o.side = SIDE_BUY;
	o->o.price = whole(10);
	o->o.qty = whole(2);
	book_add(&e, &s, o);
	book_outside(&e, &s, SIDE_BUY, whole(10), whole(9));
	assert_int_equal(dec_cmp(o->ahead, whole(5)), 0);
	book_outside(&e, &s, SIDE_BUY, whole(10), whole(6));
	assert_int_equal(dec_cmp(o->ahead, whole(5)), 0);
	book_outside(&e, &s, SIDE_BUY, whole(10), whole(4));
	assert_int_equal(dec_cmp(o->ahead, whole(4)), 0);
	book_outside_take(&e, &s, book_best(&s, SIDE_BUY), whole(3));
	assert_int_equal(dec_cmp(o->ahead, whole(1)), 0);
	assert_int_equal(dec_cmp(book_qty(&s, SIDE_BUY, whole(10)), whole(3)), 0);
	book_remove(&e, &s, o);
	assert_int_equal(dec_cmp(book_qty(&s, SIDE_BUY, whole(10)), whole(1)), 0);
	book_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_what_a_plain_list_would_be),
		cmocka_unit_test(test_levels_are_published_once_in_the_order_they_changed),
		cmocka_unit_test(test_an_order_keeps_its_place_among_the_outside),
	};

	return cmocka_run_group_tests_name("simbook", tests, NULL, NULL);
}
