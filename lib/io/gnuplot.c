#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/gnuplot.h"
#include "io/sys.h"

#define BARS_MAX	2000	/* candles of one picture; of more several become one */
#define UP		"#2e7d32"
#define DOWN		"#c62828"

/*
 * Running it
 */

/* The first gnuplot in an absolute directory of PATH; a relative one could be anyone's. */
static bool
find(char *out, size_t size)
{
	const char *p = getenv("PATH"), *end;

	for (p = p == NULL ? "/usr/local/bin:/usr/bin:/bin" : p;; p = end + 1) {
		end = p + strcspn(p, ":");
		if (*p == '/' && snprintf(out, size, "%.*s/gnuplot", (int)(end - p), p) < (int)size &&
		    access(out, X_OK) == 0)
			return true;
		if (*end == '\0')
			return false;
	}
}

static const char *
extension(const char *file)
{
	const char *dot = strrchr(file, '.');

	return dot == NULL ? "" : dot;
}

int
gnuplot_check(const char *file, struct fault *f)
{
	char path[1024];

	if (strcmp(extension(file), ".svg") != 0 && strcmp(extension(file), ".png") != 0)
		return fault_set(f, FAULT_USAGE, "--plot=%s: the name must end in .svg or .png; without a name the "
		    "chart is drawn in the terminal", file);
	if (!find(path, sizeof path))
		return fault_set(f, FAULT_USAGE, "--plot=%s: gnuplot, which draws such files, is not installed "
		    "(package gnuplot-nox or gnuplot)", file);
	return 0;
}

static void
child(const char *path, int in, int out, int err)
{
	char *const argv[] = { (char[]){ "gnuplot" }, (char[]){ "-d" }, NULL };
	char *const env[] = { (char[]){ "PATH=/usr/local/bin:/usr/bin:/bin" }, (char[]){ "LC_ALL=C" },
		(char[]){ "HOME=/nonexistent" }, NULL };

	if (dup2(in, STDIN_FILENO) != -1 && dup2(out, STDOUT_FILENO) != -1 && dup2(err, STDERR_FILENO) != -1) {
		sys_close_from(STDERR_FILENO + 1);
		execve(path, argv, env);
	}
	_exit(127);
}

/* What it complained of, cut to a sentence. */
static int
failed(FILE *err, int status, struct fault *f)
{
	char text[160] = "";
	size_t n;

	rewind(err);
	n = fread(text, 1, sizeof text - 1, err);
	text[n] = '\0';
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	return fault_set(f, FAULT_LOCAL, "gnuplot failed (%s %d): %s", WIFSIGNALED(status) ? "signal" : "exit",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), text);
}

static int
execute(FILE *in, int out, FILE *err, struct fault *f)
{
	char path[1024];
	int status = 0;
	pid_t pid;

	if (!find(path, sizeof path))
		return fault_set(f, FAULT_USAGE, "gnuplot is not installed");
	if ((pid = fork()) == -1)
		return fault_set(f, FAULT_LOCAL, "fork: %s", strerror(errno));
	if (pid == 0)
		child(path, fileno(in), out, fileno(err));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return fault_set(f, FAULT_LOCAL, "waitpid: %s", strerror(errno));
	return status == 0 ? 0 : failed(err, status, f);
}

/* Beside the file, and then in its place: whole, and readable by its owner as all that
 * the tools write. */
static int
into(const char *file, FILE *in, FILE *err, struct fault *f)
{
	size_t n = strlen(file) + 8;
	char *tmp = malloc(n);
	struct stat st;
	int fd, r;

	if (tmp == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	snprintf(tmp, n, "%s.XXXXXX", file);
	if ((fd = mkostemp(tmp, O_CLOEXEC)) == -1) {
		free(tmp);
		return fault_set(f, FAULT_LOCAL, "%s: %s", file, strerror(errno));
	}
	r = execute(in, fd, err, f);
	if (r == 0 && (fstat(fd, &st) == -1 || st.st_size == 0))
		r = fault_set(f, FAULT_LOCAL, "gnuplot drew nothing: the disk is full, or it cannot draw such files");
	if (r == 0 && (fsync(fd) == -1 || rename(tmp, file) == -1))
		r = fault_set(f, FAULT_LOCAL, "%s: %s", file, strerror(errno));
	close(fd);
	if (r == -1)
		unlink(tmp);
	free(tmp);
	return r;
}

static int
run(const char *file, const struct buf *script, struct fault *f)
{
	FILE *in = tmpfile(), *err = tmpfile();
	int r;

	if (script->bad)
		r = fault_set(f, FAULT_LOCAL, "out of memory for a chart");
	else if (in == NULL || err == NULL || fwrite(script->p, 1, script->len, in) != script->len || fflush(in) != 0)
		r = fault_set(f, FAULT_LOCAL, "a temporary file: %s", strerror(errno));
	else {
		rewind(in);
		r = into(file, in, err, f);
	}
	if (in != NULL)
		fclose(in);
	if (err != NULL)
		fclose(err);
	return r;
}

/*
 * Scripts
 */

/* Between single quotes nothing is special to gnuplot but these; of what a name could
 * hold only plain characters stay. */
static void
put_title(struct buf *b, const char *title)
{
	buf_str(b, "set title '");
	for (const unsigned char *p = (const unsigned char *)title; *p != '\0'; p++)
		buf_chr(b, *p >= 0x80 || (*p >= ' ' && strchr("'`\\\"", *p) == NULL && *p != 0x7f) ? (char)*p : '?');
	buf_str(b, "' noenhanced\n");
}

static void
begin(struct buf *b, const char *file, const char *title)
{
	buf_str(b, "set encoding utf8\n");
	buf_printf(b, "set terminal %s\n", strcmp(extension(file), ".svg") == 0 ?
	    "svg size 1200,720 name 'bf' background '#ffffff'" : "pngcairo size 1200,720");
	put_title(b, title);
	buf_str(b, "unset key\nset grid\nset lmargin 14\nset rmargin 4\nset format y '%.10g'\n");
}

static void
times(struct buf *b, int64_t span_ms)
{
	buf_str(b, "set xdata time\nset timefmt '%s'\n");
	buf_printf(b, "set format x \"%s\"\n", span_ms < INT64_C(10) * 60000 ? "%H:%M:%S" : span_ms < INT64_C(36) * 3600000 ? "%H:%M" :
	    span_ms < INT64_C(300) * 86400000 ? "%m-%d\\n%H:%M" : "%Y-%m-%d");
}

/* Those of v that rose (or fell) as a block of data; how many there are. */
static int
put_bars(struct buf *b, const char *name, const struct bar *v, int n, bool rose)
{
	int m = 0;

	buf_printf(b, "$%s << EOD\n", name);
	for (int i = 0; i < n; i++) {
		if (v[i].none || (v[i].c >= v[i].o) != rose)
			continue;
		buf_printf(b, "%lld %.12g %.12g %.12g %.12g %.12g\n", (long long)(v[i].t / 1000), v[i].o, v[i].l,
		    v[i].h, v[i].c, v[i].v);
		m++;
	}
	buf_str(b, "EOD\n");
	return m;
}

static void
put_plot(struct buf *b, int rose, int fell, const char *how, const char *fill)
{
	buf_str(b, "plot ");
	if (rose > 0)
		buf_printf(b, "$rose using %s lc rgb '" UP "' fs %s", how, fill);
	if (fell > 0)
		buf_printf(b, "%s$fell using %s lc rgb '" DOWN "' fs solid 0.8", rose > 0 ? ", " : "", how);
	buf_chr(b, '\n');
}

static double
width(const struct bar *v, int n)
{
	double least = 0, d;

	for (int i = 1; i < n; i++) {
		d = (double)(v[i].t - v[i - 1].t) / 1000;
		if (d > 0 && (least <= 0 || d < least))
			least = d;
	}
	return least > 0 ? least * 0.7 : 40;
}

static void
put_candles(struct buf *b, const struct bar *v, int n)
{
	int rose = put_bars(b, "rose", v, n, true), fell = put_bars(b, "fell", v, n, false);
	bool volume = false;

	for (int i = 0; i < n; i++)
		volume = volume || v[i].v > 0;
	times(b, v[n - 1].t - v[0].t);
	buf_printf(b, "set boxwidth %.12g absolute\nset xrange ['%lld':'%lld']\n", width(v, n),
	    (long long)(v[0].t / 1000 - (int64_t)width(v, n)), (long long)(v[n - 1].t / 1000 + (int64_t)width(v, n)));
	if (volume)
		buf_str(b, "set multiplot\nset size 1,0.75\nset origin 0,0.25\n");
	put_plot(b, rose, fell, "1:2:3:4:5 with candlesticks", "empty");
	if (!volume)
		return;
	buf_str(b, "unset title\nset size 1,0.27\nset origin 0,0\nset yrange [0:*]\nset ylabel 'volume'\n");
	put_plot(b, rose, fell, "1:6 with boxes", "solid 0.6");
	buf_str(b, "unset multiplot\n");
}

int
gnuplot_candles(const char *file, const char *title, const struct bar *v, int n, struct fault *f)
{
	struct bar *m = malloc((size_t)n * sizeof *m);
	struct buf b = { 0 };
	int r;

	if (m == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a chart");
	n = chart_merge(m, v, n, (n + BARS_MAX - 1) / BARS_MAX);
	begin(&b, file, title);
	put_candles(&b, m, n);
	r = run(file, &b, f);
	buf_free(&b);
	free(m);
	return r;
}

int
gnuplot_series(const char *file, const char *title, const struct point *v, int n, struct fault *f)
{
	struct buf b = { 0 };
	double lo = v[0].v, hi = v[0].v;
	int r;

	begin(&b, file, title);
	buf_str(&b, "$v << EOD\n");
	for (int i = 0; i < n; i++) {
		buf_printf(&b, "%lld %.12g\n", (long long)(v[i].t / 1000), v[i].v);
		lo = v[i].v < lo ? v[i].v : lo;
		hi = v[i].v > hi ? v[i].v : hi;
	}
	buf_str(&b, "EOD\n");
	times(&b, v[n - 1].t - v[0].t);
	if (lo > 0 && lo > hi / 2)
		buf_str(&b, "plot $v using 1:2 with steps lc rgb '" UP "'\n");
	else
		buf_str(&b, "set xzeroaxis lt -1\nplot $v using 1:2:($2 < 0 ? 0xc62828 : 0x2e7d32) with impulses "
		    "lw 2 lc rgb variable\n");
	r = run(file, &b, f);
	buf_free(&b);
	return r;
}

/* The steps of one side; how many levels there are. */
static int
put_side(struct buf *b, const char *name, const struct chart_level *v, int n)
{
	double sum = 0, price;

	buf_printf(b, "$%s << EOD\n", name);
	for (int i = 0; i < n; i++) {
		price = chart_value(v[i].price);
		buf_printf(b, "%.12g %.12g\n", price, sum);
		sum += chart_value(v[i].qty);
		buf_printf(b, "%.12g %.12g\n", price, sum);
	}
	buf_str(b, "EOD\n");
	return n;
}

int
gnuplot_depth(const char *file, const char *title, const struct chart_level *bids, int nbids,
    const struct chart_level *asks, int nasks, struct fault *f)
{
	struct buf b = { 0 };
	int r;

	begin(&b, file, title);
	put_side(&b, "bids", bids, nbids);
	put_side(&b, "asks", asks, nasks);
	buf_str(&b, "set yrange [0:*]\nset style fill solid 0.4\nset format x '%.10g'\nplot ");
	if (nbids > 0)
		buf_str(&b, "$bids using 1:2 with filledcurves y1=0 lc rgb '" UP "'");
	if (nasks > 0)
		buf_printf(&b, "%s$asks using 1:2 with filledcurves y1=0 lc rgb '" DOWN "'", nbids > 0 ? ", " : "");
	buf_chr(&b, '\n');
	r = run(file, &b, f);
	buf_free(&b);
	return r;
}
