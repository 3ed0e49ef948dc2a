#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "io/sys.h"
#include "io/term.h"

#define BEGIN	"\033[?1049h\033[?25l\033[?7l\033[2J"
#define END	"\033[?7h\033[?25h\033[?1049l"
#define LINES_DEFAULT	24

bool
term_colour(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && (no == NULL || *no == '\0') && term != NULL && *term != '\0' &&
	    strcmp(term, "dumb") != 0;
}

bool
term_utf8(void)
{
	locale_t loc = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is;

	if (loc == (locale_t)0)
		return false;
	is = strcmp(nl_langinfo_l(CODESET, loc), "UTF-8") == 0;
	freelocale(loc);
	return is;
}

int
term_cols(int fd)
{
	struct winsize w;

	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &w) == 0 ? w.ws_col : 0;
}

int
term_rows(int fd)
{
	struct winsize w;

	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &w) == 0 ? w.ws_row : 0;
}

/* Columns of n bytes of UTF-8, each character taken as one. */
static size_t
width(const char *s, size_t n)
{
	size_t w = 0;

	for (size_t i = 0; i < n; i++)
		w += ((unsigned char)s[i] & 0xc0) != 0x80;
	return w;
}

void
term_words(struct buf *b, const char *text, size_t at, size_t indent, size_t wide)
{
	bool first = true;	/* of its line */
	size_t n, w;

	for (const char *s = text; *s != '\0'; s += n, s += *s == ' ') {
		n = strcspn(s, " ");
		w = width(s, n);
		if (!first && at + 1 + w > wide) {
			buf_printf(b, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			buf_chr(b, ' ');
			at++;
		}
		buf_put(b, s, n);
		at += w;
		first = false;
	}
}

const char *
term_tint(enum tint tint)
{
	static const char *const code[] = {
		[TINT_NONE] = "\033[0m", [TINT_UP] = "\033[32m", [TINT_DOWN] = "\033[31m", [TINT_DIM] = "\033[2m",
		[TINT_BOLD] = "\033[1m"
	};

	return code[tint];
}

static int
put(int fd, const char *s, size_t n, struct fault *f)
{
	return sys_write(fd, s, n) == -1 ? fault_set(f, FAULT_LOCAL, "the terminal cannot be written to") : 0;
}

int
term_begin(struct term *t, int fd, struct fault *f)
{
	*t = (struct term){ fd, true };
	return put(fd, BEGIN, sizeof BEGIN - 1, f);
}

void
term_end(struct term *t)
{
	struct fault ignore;

	if (t->on)
		(void)put(t->fd, END, sizeof END - 1, &ignore);
	t->on = false;
}

/* Each line is cleared behind its end. */
int
term_frame(const struct term *t, const struct buf *text, struct fault *f)
{
	const char *at = text->p, *end = text->p + text->len, *nl;
	int rows = term_rows(t->fd), left = (rows > 1 ? rows : LINES_DEFAULT) - 1, r;
	struct buf out = { 0 };

	buf_str(&out, "\033[H");
	for (; at < end && left > 0; at = nl + 1, left--) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		buf_put(&out, at, (size_t)(nl - at));
		buf_str(&out, "\033[K\n");
	}
	buf_str(&out, "\033[J");
	r = text->bad || out.bad ? fault_set(f, FAULT_LOCAL, "out of memory for a picture") : put(t->fd, out.p, out.len, f);
	buf_free(&out);
	return r;
}
