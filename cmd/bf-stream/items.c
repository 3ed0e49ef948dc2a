#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/lines.h"
#include "items.h"

#define BLANK	" \t\r\v\f"

/* own: given up to the item, or NULL. */
static int
add(struct items *l, const char *text, char *own, unsigned long long line, struct fault *f)
{
	int cap = l->cap == 0 ? 64 : 2 * l->cap;
	struct item *v;

	if (l->n == l->cap) {
		if ((v = realloc(l->v, (size_t)cap * sizeof *v)) == NULL) {
			free(own);
			return fault_set(f, FAULT_LOCAL, "out of memory");
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = (struct item){ .s = { .text = text }, .own = own, .line = line };
	return 0;
}

int
items_add(struct items *l, const char *text, struct fault *f)
{
	return add(l, text, NULL, 0, f);
}

/* The words of one line of the file, up to a "#". */
static int
add_line(struct items *l, const char *p, size_t n, unsigned long long line, struct fault *f)
{
	char *text = strndup(p, n), *word, *save = NULL, *own;

	if (text == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	text[strcspn(text, "#")] = '\0';
	for (word = strtok_r(text, BLANK, &save); word != NULL; word = strtok_r(NULL, BLANK, &save))
		if ((own = strdup(word)) == NULL || add(l, own, own, line, f) == -1) {
			free(text);
			return own == NULL ? fault_set(f, FAULT_LOCAL, "out of memory") : -1;
		}
	free(text);
	return 0;
}

static int
read_lines(struct items *l, struct lines *in, const char *path, struct fault *f)
{
	const char *p;
	size_t n;

	for (;;)
		switch (lines_next(in, &p, &n)) {
		case LINE_NONE:
			if (lines_fill(in, f) == -1)
				return -1;
			break;
		case LINE_OK:
		case LINE_PARTIAL:	/* a list may well end without a newline */
			if (memchr(p, '\0', n) != NULL)
				return fault_set(f, FAULT_USAGE, "--symbols-from %.100s:%llu: a NUL byte is no text",
				    path, in->number);
			if (add_line(l, p, n, in->number, f) == -1)
				return -1;
			break;
		case LINE_LONG:
			return fault_set(f, FAULT_USAGE, "--symbols-from %.100s:%llu: the line is too long",
			    path, in->number);
		case LINE_END:
			return 0;
		}
}

int
items_read(struct items *l, const char *path, struct fault *f)
{
	int before = l->n, fd, r;
	struct lines in;

	fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return fault_set(f, FAULT_USAGE, "--symbols-from %.100s: %s", path, strerror(errno));
	lines_init(&in, fd);
	r = read_lines(l, &in, path, f);
	lines_free(&in);
	if (fd != STDIN_FILENO)
		close(fd);
	if (r == 0 && l->n == before)	/* not the form for all */
		return fault_set(f, FAULT_USAGE, "--symbols-from %.100s: there is no symbol in it", path);
	return r;
}

void
items_free(struct items *l)
{
	for (int i = 0; i < l->n; i++)
		free(l->v[i].own);
	free(l->v);
	*l = (struct items){ 0 };
}
