#include <getopt.h>
#include <string.h>

#include "io/conf.h"
#include "io/opt.h"

#define OPT_COUNT	64	/* options of one tool, at most */
#define WIDE		30	/* a longer option has its help on the next line */

/* An argument that may be left out: "[FILE]". It is given with "=" only. */
static bool
optional(const struct opt *o)
{
	return o->arg != NULL && o->arg[0] == '[';
}

/* getopt_long's two tables, made from ours; all zero at first. */
struct tables {
	struct option	lng[OPT_COUNT + 1];
	char		shrt[3 * OPT_COUNT + 2];
};

static void
tables_fill(struct tables *t, const struct opt *o)
{
	char *s = t->shrt;
	int i;

	*s++ = ':';	/* so that a missing argument is told from an unknown option */
	for (i = 0; i < OPT_COUNT && o[i].name != NULL; i++) {
		t->lng[i].name = o[i].name;
		t->lng[i].has_arg = optional(&o[i]) ? optional_argument :
		    o[i].arg != NULL ? required_argument : no_argument;
		t->lng[i].val = o[i].ch;
		if (o[i].ch >= 256)
			continue;
		*s++ = (char)o[i].ch;
		if (o[i].arg != NULL)
			*s++ = ':';
		if (optional(&o[i]))
			*s++ = ':';
	}
}

static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static const struct opt *
find(const struct opt *o, int ch)
{
	for (; o->name != NULL; o++)
		if (o->ch == ch)
			return o;
	return NULL;
}

/* What was wrong. getopt leaves optopt 0 for a long name it does not know. */
static void
complain(int got, const char *word, const char *prog, const struct opt *opts, struct fault *f)
{
	const struct opt *o = optopt == 0 ? NULL : find(opts, optopt);

	if (o != NULL && got == ':')
		fault_set(f, FAULT_USAGE, "option --%s needs an argument (%s); see %s --help",
		    o->name, o->arg != NULL ? o->arg : "", prog);
	else if (o != NULL)
		fault_set(f, FAULT_USAGE, "option --%s takes no argument; see %s --help",
		    o->name, prog);
	else if (optopt > 0 && optopt < 256)
		fault_set(f, FAULT_USAGE, "unknown option -%c; see %s --help", optopt, prog);
	else
		fault_set(f, FAULT_USAGE, "unknown option %.*s; see %s --help",
		    (int)strcspn(word, "="), word, prog);
}

int
opt_next(int argc, char *argv[], const struct opt *opts, struct fault *f)
{
	struct tables t = { 0 };
	const char *word;
	int got;

	if (conf_privileged()) {	/* here, because no tool does anything before */
		fault_set(f, FAULT_USAGE, PRIVILEGED_TEXT);
		return '?';
	}
	tables_fill(&t, opts);
	opterr = 0;
	got = getopt_long(argc, argv, t.shrt, t.lng, NULL);
	if (got != '?' && got != ':')
		return got;
	word = optind > 0 && optind <= argc && argv[optind - 1] != NULL ? argv[optind - 1] : "";
	complain(got, word, argc > 0 ? base(argv[0]) : "bf", opts, f);
	return '?';
}

/* "  -s, --step=DEC" or, without a letter, "      --step=DEC" */
static void
put_name(struct buf *b, const struct opt *o)
{
	if (o->ch < 256)
		buf_printf(b, "  -%c, --%s", o->ch, o->name);
	else
		buf_printf(b, "      --%s", o->name);
	if (optional(o))	/* "--plot[=FILE]" */
		buf_printf(b, "[=%s", o->arg + 1);
	else if (o->arg != NULL)
		buf_printf(b, "=%s", o->arg);
}

static size_t
name_width(const struct opt *o)
{
	return 8 + strlen(o->name) + (o->arg != NULL ? 1 + strlen(o->arg) : 0);
}

static void
put_usage(struct buf *b, const char *usage)
{
	const char *lead = "Usage: ", *end;

	for (; *usage != '\0'; usage = *end == '\n' ? end + 1 : end) {
		end = usage + strcspn(usage, "\n");
		buf_printf(b, "%s%.*s\n", end > usage ? lead : "", (int)(end - usage), usage);
		lead = "       ";
	}
}

void
opt_help(struct buf *out, const char *usage, const struct opt *opts)
{
	const struct opt *o;
	size_t col = 0, w;

	for (o = opts; o->name != NULL; o++)
		if ((w = name_width(o)) > col && w <= WIDE)
			col = w;
	put_usage(out, usage);
	buf_chr(out, '\n');
	for (o = opts; o->name != NULL; o++) {
		put_name(out, o);
		w = name_width(o);
		if (w > col) {
			buf_chr(out, '\n');
			w = 0;
		}
		buf_printf(out, "%*s  %s\n", (int)(col - w), "", o->help);
	}
}
