#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "io/secret.h"

#define ARENA		(64u << 10)	/* locked memory: as much as every system lets one lock */

void
secret_arena(void)
{
	if (!CRYPTO_secure_malloc_initialized())
		(void)CRYPTO_secure_malloc_init(ARENA, 16);	/* without it: the plain heap, wiped */
}

int
secret_alloc(struct secret *s, size_t n, struct fault *f)
{
	s->n = 0;
	s->size = n + 1;
	if ((s->p = OPENSSL_secure_zalloc(s->size)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of locked memory for a key");
	return 0;
}

void
secret_free(struct secret *s)
{
	if (s->p != NULL)
		OPENSSL_secure_clear_free(s->p, s->size);
	memset(s, 0, sizeof *s);
}

int
secret_copy(struct secret *to, const struct secret *s, struct fault *f)
{
	if (secret_alloc(to, s->n, f) == -1)
		return -1;
	memcpy(to->p, s->p, s->n);
	to->n = s->n;
	return 0;
}

bool
secret_put(struct secret *s, const void *p, size_t n)
{
	if (n >= s->size - s->n)
		return false;
	memcpy(s->p + s->n, p, n);
	s->p[s->n += n] = '\0';
	return true;
}

bool
secret_str(struct secret *s, const char *text)
{
	return secret_put(s, text, strlen(text));
}

int
secret_read(struct secret *s, int fd)
{
	ssize_t got;

	while (s->n < s->size - 1) {
		got = read(fd, s->p + s->n, s->size - 1 - s->n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return (int)got;
		s->n += (size_t)got;
	}
	return 0;
}
