/*
 * The journal under a fuzzer: what a walk makes of any bytes, that a writer goes on behind
 * them, and that what was read can be written and read again. An input is a file; if it
 * begins with a "#" line, its other lines get a right checksum first, so that what comes
 * after that check is reached. Built by `make fuzz`.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/journal_in.h"

#define MUST(what)	do {							\
	if (!(what)) {								\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);	\
		abort();							\
	}									\
} while (0)

#define NOW	1700049600000LL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char place[64], given[80], anew[80];
static struct scan sc;
static unsigned long read_lines, damaged_lines, torn, intents;
static int told;

static void
leave(void)
{
	(void)unlink(given);
	(void)unlink(anew);
	(void)rmdir(place);
	scan_free(&sc);
}

/* In memory where there is such a file system: a journal's fsync costs nothing there. */
static void
begin(void)
{
	if (*place != '\0')
		return;
	snprintf(place, sizeof place, "%s/bf-fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	MUST(mkdtemp(place) != NULL);
	snprintf(given, sizeof given, "%s/given", place);
	snprintf(anew, sizeof anew, "%s/again", place);
	atexit(leave);
}

/* Each line but the first with its own checksum; the last one only if it has its newline. */
static void
seal(struct buf *out, const char *p, const char *end)
{
	char text[CRC_LEN + 1];
	const char *nl;

	for (p = memchr(p, '\n', (size_t)(end - p)); p != NULL && p + 1 < end; p = nl) {
		p++;
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL) {
			buf_put(out, p, (size_t)(end - p));
			return;
		}
		journal_seal(text, p, (size_t)(nl - p));
		buf_put(out, p, (size_t)(nl - p));
		buf_put(out, text, CRC_LEN);
		buf_chr(out, '\n');
	}
}

static void
write_file(const char *p, size_t n)
{
	FILE *f = fopen(given, "w");

	MUST(f != NULL && (n == 0 || fwrite(p, 1, n, f) == n) && fclose(f) == 0 && chmod(given, 0600) == 0);
}

struct walked { struct journal *again; struct buf all; char last[40]; int n; };

/* A line of a walk: well formed, and it can be written anew. */
static int
on_line(void *arg, const struct journal_line *l)
{
	struct walked *w = arg;
	struct fault f = { 0 };

	MUST(scan_doc(&sc, l->line, l->n) > 0 && sc.t[0].kind == SCAN_OBJ);
	MUST(memchr(l->line, '\n', l->n) == NULL);
	MUST(l->data >= l->line && l->data + l->data_n <= l->line + l->n - CRC_LEN);
	MUST(scan_doc(&sc, l->data, l->data_n) > 0);
	MUST(strlen(l->id) < sizeof l->id && strlen(l->what) < sizeof l->what);
	buf_put(&w->all, l->line, l->n);
	buf_chr(&w->all, '\n');
	w->n++;
	if (strcmp(l->what, "intent") == 0 && l->id[0] != '~')
		snprintf(w->last, sizeof w->last, "%s", l->id);
	if (w->again != NULL)
		MUST(journal_put(w->again, l->at_ms, l->what, l->id, l->data, l->data_n, false, &f) == 0);
	return 0;
}

static void
on_damage(void *arg, const char *sentence)
{
	(void)arg;
	MUST(strncmp(sentence, place, strlen(place)) == 0 && strstr(sentence, ": line ") != NULL);
	told++;
}

/* All lines of a file; returns the number of damaged ones. */
static int
walk(const char *name, struct journal *again, struct walked *w)
{
	struct fault f = { 0 };
	struct journal *j;
	int damaged = -1;

	*w = (struct walked){ .again = again };
	told = 0;
	MUST(journal_open(&j, NULL, name, &f) == 0);
	journal_on_damage(j, on_damage, NULL);
	MUST(journal_walk(j, 1, NOW, on_line, w, &damaged, &f) == 0);
	MUST(damaged == told && !w->all.bad);
	journal_close(j);
	return damaged;
}

/* A writer that starts on what is there adds exactly its own line. */
static void
check_append(const struct walked *was, int damaged)
{
	static const char mine[] = "fuzz/mine";
	struct fault f = { 0 };
	struct journal *j;
	struct walked w;
	int now_damaged;

	MUST(journal_open(&j, NULL, given, &f) == 0);
	MUST(was->last[0] == '\0' || journal_claim(j, NOW, was->last, "{}", 2, &f) == 1);
	MUST(journal_claim(j, NOW, "~fuzz", "{}", 2, &f) == 0);
	MUST(strcmp(was->last, mine) == 0 || journal_claim(j, NOW, mine, "{}", 2, &f) >= 0);
	journal_close(j);
	now_damaged = walk(given, NULL, &w);
	MUST(now_damaged == damaged || now_damaged == damaged + 1);	/* a torn end, no longer the end */
	torn += (unsigned)(now_damaged - damaged);
	MUST(w.n > was->n && w.all.len > was->all.len);
	MUST(was->all.len == 0 || memcmp(w.all.p, was->all.p, was->all.len) == 0);
	buf_free(&w.all);
}

/* What was written anew reads back as many lines, none of them damaged. */
static void
check_again(const struct walked *was)
{
	struct walked w;

	MUST(walk(anew, NULL, &w) == 0);
	MUST(w.n == was->n && strcmp(w.last, was->last) == 0);
	buf_free(&w.all);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct journal *again;
	struct buf sealed = { 0 };
	struct fault f = { 0 };
	struct walked w;
	int damaged;

	begin();
	if (size > 0 && *p == '#') {
		seal(&sealed, p, p + size);
		write_file(sealed.p, sealed.len);
	} else
		write_file(p, size);
	(void)unlink(anew);
	MUST(journal_open(&again, NULL, anew, &f) == 0);
	damaged = walk(given, again, &w);
	journal_close(again);
	read_lines += (unsigned)w.n;
	intents += w.last[0] != '\0';
	damaged_lines += (unsigned)damaged;
	check_again(&w);
	check_append(&w, damaged);
	buf_free(&w.all);
	buf_free(&sealed);
	return 0;
}
