#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/limit_file.h"
#include "io/state.h"

#define MAGIC		UINT64_C(0x31746d696c2d6662)	/* "bf-limt1" */
#define VERSION		2
#define PAGE		4096
#define SHARED		".limits"
#define VENUE_MAX	200	/* bytes of HOST:PORT in a file's name */
#define KEY_HEX		16

/* A count in one word: (index of the window << 32) | used. */
struct page {
	uint64_t	magic;
	uint32_t	version, size;
	_Atomic int64_t	ban;		/* exchange time, ms */
	_Atomic uint32_t limit[COUNTS];
	_Atomic uint64_t word[COUNTS];
};

struct pages {
	struct page	*of[SCOPES];
	bool		 shared[SCOPES];
};

_Static_assert(sizeof(struct page) <= PAGE, "the page must hold the counters");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2,
    "counters shared by processes must be lock-free");

/*
 * A page of a file
 */

/* Map the file if it is whole and ours; NULL with *why otherwise, *fatal when
 * making it anew would not help. */
static struct page *
map(int dir, const char *name, const char **why, bool *fatal)
{
	struct page *pg = MAP_FAILED;
	struct stat st;
	int fd;

	*fatal = false;
	*why = "not there";
	if ((fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) == -1) {
		*fatal = errno != ENOENT && errno != ELOOP;
		if (*fatal)
			*why = strerror(errno);
		return NULL;
	}
	*why = "damaged";
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 022) == 0 && st.st_size == PAGE)	/* others must not set our limits */
		pg = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (pg == MAP_FAILED)
		return NULL;
	if (pg->magic == MAGIC && pg->version == VERSION && pg->size == PAGE)
		return pg;
	munmap(pg, PAGE);
	return NULL;
}

/* A new file, put in place of whatever is there by rename: those who still map
 * the old one are not hurt. Under the lock. All bytes are written, so that a
 * full disk speaks here and not as SIGBUS later. */
static bool
make(int dir, const char *name)
{
	union { struct page pg; char bytes[PAGE]; } u;
	bool ok;
	int fd;

	memset(&u, 0, sizeof u);
	u.pg.magic = MAGIC;
	u.pg.version = VERSION;
	u.pg.size = PAGE;
	unlinkat(dir, "limits.new", 0);
	if ((fd = openat(dir, "limits.new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600)) == -1)
		return false;
	errno = EIO;
	ok = write(fd, &u, PAGE) == PAGE && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	return ok && renameat(dir, "limits.new", dir, name) == 0;
}

/* Map, or make and map, with the lock held: of many that start at once one makes it. */
static struct page *
map_or_make(int dir, const char *name, struct fault *f)
{
	struct page *pg;
	const char *why;
	bool fatal;
	int lock;

	if ((pg = map(dir, name, &why, &fatal)) != NULL)
		return pg;
	if (fatal) {
		fault_set(f, FAULT_LOCAL, "limits: %s: %s", name, why);
		return NULL;
	}
	lock = openat(dir, "limits.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (lock == -1) {
		fault_set(f, FAULT_LOCAL, "limits.lock: %s", strerror(errno));
		return NULL;
	}
	while (flock(lock, LOCK_EX) == -1 && errno == EINTR)
		;
	if ((pg = map(dir, name, &why, &fatal)) == NULL) {
		if (!make(dir, name))
			fault_set(f, FAULT_LOCAL, "limits: %s: %s", name, strerror(errno));
		else if ((pg = map(dir, name, &why, &fatal)) == NULL)
			fault_set(f, FAULT_LOCAL, "limits: %s: %s", name, why);
	}
	close(lock);
	return pg;
}

/* A page that only this process sees. */
static struct page *
private_page(struct fault *f)
{
	struct page *pg = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pg != MAP_FAILED)
		return pg;
	fault_set(f, FAULT_LOCAL, "out of memory");
	return NULL;
}

static int
open_page(struct pages *k, enum limit_scope s, const char *path, const char *name, struct fault *f)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir == -1)
		return fault_set(f, FAULT_LOCAL, "limits: %s: %s", path, strerror(errno));
	k->of[s] = map_or_make(dir, name, f);
	k->shared[s] = true;
	close(dir);
	return k->of[s] == NULL ? -1 : 0;
}

/*
 * Names
 */

/* Addresses of one exchange, which counts them together. */
static const struct { const char *alias, *is; } same[] = {
	{ "https://dapi.binance.com", "https://fapi.binance.com" },
	{ "https://demo-dapi.binance.com", "https://demo-fapi.binance.com" },
	{ "https://testnet.binancefuture.com", "https://demo-fapi.binance.com" },
};

/* HOST:PORT of an address that conf.c has checked. */
static int
venue(char out[static VENUE_MAX + 1], const char *rest, struct fault *f)
{
	bool tls = strncmp(rest, "https:", 6) == 0;
	const char *host, *port = "";
	size_t i;
	int n;

	for (i = 0; i < sizeof same / sizeof *same; i++)
		if (strcmp(rest, same[i].alias) == 0)
			rest = same[i].is;
	host = strstr(rest, "://");
	host = host == NULL ? rest : host + 3;
	if (strrchr(host, ':') == NULL || host[strlen(host) - 1] == ']')	/* "[::1]" has none */
		port = tls ? ":443" : ":80";
	n = snprintf(out, VENUE_MAX + 1, "%s%s", host, port);
	if (n < 0 || n > VENUE_MAX || host[0] == '\0' || strchr(host, '/') != NULL)
		return fault_set(f, FAULT_LOCAL, "limits: %.40s: not an address of at most %d bytes",
		    rest, VENUE_MAX);
	return 0;
}

/* The key itself must not be seen, and a name of it must. */
static int
key_hash(char out[static KEY_HEX + 1], const char *key, struct fault *f)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(key, strlen(key), md, &n, EVP_sha256(), NULL) != 1 || n < KEY_HEX / 2)
		return fault_set(f, FAULT_LOCAL, "limits: SHA-256 does not work");
	for (n = 0; n < KEY_HEX / 2; n++)
		snprintf(out + 2 * n, 3, "%02x", md[n]);
	return 0;
}

/* `.limits` beside the profile's state directory, made if it is not there. */
static int
shared_dir(char *out, size_t size, const struct profile *p, struct fault *f)
{
	const char *slash = strrchr(p->state_dir, '/');
	int n, base = slash == NULL ? 0 : (int)(slash - p->state_dir);

	n = snprintf(out, size, "%.*s/" SHARED, base, p->state_dir);
	if (slash == NULL || n < 0 || (size_t)n >= size)
		return fault_set(f, FAULT_LOCAL, "limits: no directory for them beside %s", p->state_dir);
	return state_dir(out, f);
}

/*
 * Opening and closing
 */

static void
file_close(void *arg)
{
	struct pages *k = arg;
	int s;

	if (k == NULL)
		return;
	for (s = 0; s < SCOPES; s++)
		if (k->of[s] != NULL)
			munmap(k->of[s], PAGE);
	free(k);
}

/* The pages that are not shared; then all are there. */
static int
fill_up(struct pages *k, struct fault *f)
{
	int s;

	for (s = 0; s < SCOPES; s++)
		if (k->of[s] == NULL && (k->of[s] = private_page(f)) == NULL)
			return -1;
	return 0;
}

static int
open_shared(struct pages *k, const struct profile *p, const char *api_key, struct fault *f)
{
	char path[sizeof p->state_dir + sizeof SHARED], at[VENUE_MAX + 1], hash[KEY_HEX + 1];
	char name[VENUE_MAX + KEY_HEX + 16];

	if (venue(at, p->rest, f) == -1 || shared_dir(path, sizeof path, p, f) == -1)
		return -1;
	snprintf(name, sizeof name, "%s.ip", at);
	if (open_page(k, SCOPE_IP, path, name, f) == -1)
		return -1;
	if (api_key == NULL)
		return 0;
	if (key_hash(hash, api_key, f) == -1)
		return -1;
	snprintf(name, sizeof name, "%s.account-%s", at, hash);
	if (open_page(k, SCOPE_ACCOUNT, path, name, f) == -1)
		return -1;
	if (p->max_orders_per_minute <= 0)
		return 0;
	return state_dir(p->state_dir, f) == -1 ? -1 :
	    open_page(k, SCOPE_PROFILE, p->state_dir, "limits", f);
}

int
limit_file_open(void **out, const struct profile *p, const char *api_key, struct fault *f)
{
	struct pages *k = calloc(1, sizeof *k);

	*out = NULL;
	if (k == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (open_shared(k, p, api_key, f) == -1 || fill_up(k, f) == -1) {
		file_close(k);
		return -1;
	}
	*out = k;
	return 0;
}

int
limit_file_alone(void **out, struct fault *f)
{
	struct pages *k = calloc(1, sizeof *k);

	*out = NULL;
	if (k == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (fill_up(k, f) == -1) {
		file_close(k);
		return -1;
	}
	*out = k;
	return 0;
}

/*
 * The counts
 */

static _Atomic uint64_t *
word(struct pages *k, enum limit_count c)
{
	return &k->of[limit_scope(c)]->word[c];
}

/* What stands in a word seen at window win. A word one window ahead was
 * written by someone whose clock is a little ahead: it counts. One further
 * ahead comes from another clock (a simulator started anew). */
static uint64_t
rolled(uint64_t w, uint32_t win)
{
	uint32_t has = (uint32_t)(w >> 32);

	return has == win || has == win + 1 ? w : (uint64_t)win << 32;
}

/* Take the part if it fits; *got is the window it was taken from. */
static bool
take_one(_Atomic uint64_t *w, const struct limit_part *p, uint32_t *got)
{
	uint64_t seen = atomic_load(w), is;

	do {
		is = rolled(seen, p->window);
		if ((uint32_t)is > p->limit || p->limit - (uint32_t)is < p->n)
			return false;
	} while (!atomic_compare_exchange_weak(w, &seen, is + p->n));
	*got = (uint32_t)(is >> 32);
	return true;
}

/* Give back n to the window it came from, if that still runs. */
static void
give_back(_Atomic uint64_t *w, uint32_t win, uint32_t n)
{
	uint64_t seen = atomic_load(w);

	do
		if ((uint32_t)(seen >> 32) != win || (uint32_t)seen < n)
			return;
	while (!atomic_compare_exchange_weak(w, &seen, seen - n));
}

static int
file_take(void *k, const struct limit_part *p, int n, struct fault *f)
{
	uint32_t got[COUNTS];
	int i, j;

	(void)f;
	for (i = 0; i < n; i++) {
		if (take_one(word(k, p[i].count), &p[i], &got[i]))
			continue;
		for (j = 0; j < i; j++)
			give_back(word(k, p[j].count), got[j], p[j].n);
		return i + 1;
	}
	return 0;
}

static void
raise_one(_Atomic uint64_t *w, uint32_t win, uint32_t used)
{
	uint64_t seen = atomic_load(w), is;

	do {
		is = rolled(seen, win);
		if ((uint32_t)is >= used)
			return;
		is = (is & ~UINT64_C(0xffffffff)) | used;
	} while (!atomic_compare_exchange_weak(w, &seen, is));
}

static int
file_raise(void *k, const struct limit_part *p, int n, struct fault *f)
{
	int i;

	(void)f;
	for (i = 0; i < n; i++)
		raise_one(word(k, p[i].count), p[i].window, p[i].n);
	return 0;
}

/*
 * Bans and limits
 */

static int
file_known(void *arg, struct limit_known *out, struct fault *f)
{
	struct pages *k = arg;
	uint64_t w;
	int c;

	(void)f;
	out->ban_ms = atomic_load(&k->of[SCOPE_IP]->ban);
	for (c = 0; c < COUNTS; c++) {
		out->limit[c] = atomic_load(&k->of[limit_scope((enum limit_count)c)]->limit[c]);
		w = atomic_load(word(k, (enum limit_count)c));
		out->window[c] = (uint32_t)(w >> 32);
		out->used[c] = (uint32_t)w;
	}
	return 0;
}

static int
file_set(void *arg, const uint32_t limit[static COUNTS], struct fault *f)
{
	struct pages *k = arg;
	int c;

	(void)f;
	for (c = 0; c < COUNTS; c++)
		if (limit[c] != 0)
			atomic_store(&k->of[limit_scope((enum limit_count)c)]->limit[c], limit[c]);
	return 0;
}

/* On the disk at once: a restart of the machine must not forget it. */
static int
file_ban(void *arg, int64_t until_ms, struct fault *f)
{
	struct pages *k = arg;
	struct page *pg = k->of[SCOPE_IP];
	int64_t seen = atomic_load(&pg->ban);

	do
		if (seen >= until_ms && seen - until_ms <= LIMIT_BAN_MAX_MS)
			return 0;
	while (!atomic_compare_exchange_weak(&pg->ban, &seen, until_ms));
	if (k->shared[SCOPE_IP] && msync(pg, PAGE, MS_SYNC) == -1)
		return fault_set(f, FAULT_LOCAL, "limits: the ban may not outlast a crash: %s",
		    strerror(errno));
	return 0;
}

const struct limits_keeper limit_file = {
	.known = file_known,
	.take = file_take,
	.raise = file_raise,
	.set = file_set,
	.ban = file_ban,
	.close = file_close,
};
