/*
 * Loaded before the C library (LD_PRELOAD): of the allocations that the program itself
 * asks for, not its libraries, number OOM_AT fails, and with OOM_ALL all that follow.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdatomic.h>
#include <stdlib.h>

static uintptr_t begin, end;	/* of the program's code */
static _Atomic long count;
static long at;
static bool all;

static int
look(struct dl_phdr_info *i, size_t size, void *arg)
{
	(void)size, (void)arg;
	for (int k = 0; k < i->dlpi_phnum; k++)
		if (i->dlpi_phdr[k].p_type == PT_LOAD && (i->dlpi_phdr[k].p_flags & PF_X) != 0) {
			begin = i->dlpi_addr + i->dlpi_phdr[k].p_vaddr;
			end = begin + i->dlpi_phdr[k].p_memsz;
		}
	return 1;	/* the first is the program */
}

__attribute__((constructor)) static void
start(void)
{
	const char *n = getenv("OOM_AT");

	all = getenv("OOM_ALL") != NULL;
	at = n == NULL ? 0 : atol(n);
	(void)dl_iterate_phdr(look, NULL);
}

static bool
fails(const void *caller)
{
	uintptr_t from = (uintptr_t)caller;
	long n;

	if (at == 0 || from < begin || from >= end)
		return false;
	n = ++count;
	if (n != at && !(all && n > at))
		return false;
	errno = ENOMEM;
	return true;
}

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n) { return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, n); }
