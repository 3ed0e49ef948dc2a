/* What REST says against what is known: the file itself is under test, answers are given to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../../cmd/bf-stream/recover.c"

#include <cmocka.h>

static char out[8192];		/* notices */
static struct app app;
static struct known *known;
static struct recovery *rec;

int
worker_do(struct worker *w, enum market m, int delay, void (*run)(struct session *, void *),
    void (*done)(void *, void *), void *arg, void *job)
{
	(void)w, (void)m, (void)delay, (void)run, (void)done, (void)arg, (void)job;
	return 0;
}
bool worker_stopping(const struct session *s) { (void)s; return false; }
struct buf *
app_note(struct app *a, const char *kind)
{
	buf_reset(&a->note);
	jw_open(&a->note, NULL, '{');
	jw_str(&a->note, "e", kind);
	return &a->note;
}
void
app_note_end(struct app *a)
{
	jw_close(&a->note, '}');
	snprintf(out + strlen(out), sizeof out - strlen(out), "%.*s\n", (int)a->note.len, a->note.p);
}

static dec
amount(const char *text)
{
	dec d;

	assert_true(dec_parse(&d, text));
	return d;
}

static void
asks(void)
{
	rec = recovery_begin(&app, MARKET_USDM, known, false, 1700000000000, 1700000005000, 0, 0, NULL, NULL);
	assert_non_null(rec);
}

static void
answer(enum what what, const char *text)
{
	if (rec->got == NULL)
		rec->got = calloc(8, sizeof *rec->got);
	assert_true(rec->got != NULL && rec->n < 8);
	rec->got[rec->n] = (struct answer){ .what = what };
	buf_str(&rec->got[rec->n++].text, text);
}

static int
begin(void **state)
{
	(void)state;
	out[0] = '\0';
	return (known = known_new()) == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	recovery_free(rec);
	known_free(known);
	buf_free(&app.note);
	return 0;
}

#define ROW(amount) "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"" amount "\",\"updateTime\":1700000000001}]"

static void
test_a_position_that_moved_in_the_gap_is_told(void **state)
{
	(void)state;
	assert_int_equal(known_put_holding(known, "BTCUSDT", "BOTH", amount("0.01")), 0);
	asks();
	answer(POSITIONS, ROW("0.03"));
	recovery_apply(rec, known, false);
	assert_non_null(strstr(out, "position_mismatch"));
	assert_non_null(strstr(out, "\"was\":\"0.01\",\"is\":\"0.03\""));
}

/* Its answer was on the way when the event came. */
static void
test_an_event_since_knows_better_than_rest(void **state)
{
	(void)state;
	assert_int_equal(known_put_holding(known, "BTCUSDT", "BOTH", amount("0.01")), 0);
	asks();
	assert_int_equal(known_put_holding(known, "BTCUSDT", "BOTH", amount("0.03")), 0);
	assert_int_equal(known_put_holding(known, "ETHUSDT", "BOTH", amount("1")), 0);
	answer(POSITIONS, ROW("0.01"));
	recovery_apply(rec, known, false);
	assert_null(strstr(out, "position_mismatch"));
	assert_true(dec_cmp(known_holding(known, "BTCUSDT", "BOTH")->amount, amount("0.03")) == 0);
	assert_non_null(known_holding(known, "ETHUSDT", "BOTH"));
}

static void
test_a_quiet_look_that_finds_nothing_says_nothing(void **state)
{
	(void)state;
	asks();
	answer(POSITIONS, "[]");
	recovery_apply(rec, known, true);
	assert_string_equal(out, "");
}

int
main(void)
{
#define ONE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		ONE(test_a_position_that_moved_in_the_gap_is_told),
		ONE(test_an_event_since_knows_better_than_rest),
		ONE(test_a_quiet_look_that_finds_nothing_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
