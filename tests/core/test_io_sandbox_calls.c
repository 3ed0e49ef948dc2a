/* The seccomp filter against the lists it is made of, call by call: here the kernel's machine is a loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../lib/io/sandbox_calls.c"

#if defined(__linux__) && defined(ARCH)

#define NUMBERS	1200	/* more than any kernel has calls */

/* What the program says to a call; only what it is made of is understood. */
static unsigned
asked(const struct program *p, const struct seccomp_data *d)
{
	unsigned a = 0, i = 0;

	for (;;) {
		const struct sock_filter *s = &p->v[i++];

		assert_true(i <= p->n);
		switch (s->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)d + s->k, sizeof a);
			break;
		case BPF_JMP | BPF_JA:
			i += s->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += a == s->k ? s->jt : s->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			i += a >= s->k ? s->jt : s->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			i += a > s->k ? s->jt : s->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			i += (a & s->k) != 0 ? s->jt : s->jf;
			break;
		case BPF_RET | BPF_K:
			return s->k;
		default:
			fail_msg("%u: %x", i - 1, s->code);
		}
	}
}

static unsigned
call(const struct program *p, unsigned arch, int nr, uint64_t a0, uint64_t a1)
{
	struct seccomp_data d = { .nr = nr, .arch = arch, .args = { a0, a1 } };

	return asked(p, &d);
}

/* With one argument of any place. */
static unsigned
with(const struct program *p, int nr, int i, uint64_t value)
{
	struct seccomp_data d = { .nr = nr, .arch = ARCH };

	d.args[i] = value;
	return asked(p, &d);
}

static bool
in(const int *list, size_t n, int nr)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == nr)
			return true;
	return false;
}
#define IN(list, nr)	in(list, sizeof(list) / sizeof *(list), nr)

/* By its number alone; what depends on an argument is asked below. */
static unsigned
listed(int nr, bool serves)
{
	if (IN(allowed, nr) || (serves && IN(serving, nr)))
		return ALLOW;
	return REFUSE(IN(forbidden, nr) ? EPERM : ENOSYS);
}

static bool
by_argument(int nr)
{
	static const int calls[] = { SYS_socket, SYS_sendto, SYS_sendmsg, SYS_sendmmsg, SYS_prctl, SYS_kill, SYS_prlimit64,
	    SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_ioctl, SYS_fcntl, SYS_clone };

	return IN(calls, nr) && !IN(allowed, nr);
}

static void
each_number_is_answered_as_the_lists_say(void **state)
{
	static struct program p;
	unsigned yes = 0;

	(void)state;
	for (int serves = 0; serves < 2; serves++) {
		p.n = 0;
		make(&p, serves);
		assert_true(p.n < RULES_MAX);
		for (int nr = 0; nr < NUMBERS; nr++)
			if (!by_argument(nr)) {
				if (call(&p, ARCH, nr, 0, 0) != listed(nr, serves))
					fail_msg("call %d: %x", nr, call(&p, ARCH, nr, 0, 0));
				yes += listed(nr, serves) == ALLOW;
			}
		assert_int_equal(call(&p, ARCH, -1, 0, 0), REFUSE(ENOSYS));
		assert_int_equal(call(&p, ARCH, 0x40000000 + SYS_read, 0, 0), REFUSE(ENOSYS));	/* x32 */
		assert_int_equal(call(&p, ARCH ^ 1, SYS_read, 0, 0), REFUSE(ENOSYS));
	}
	assert_true(yes > 200);
}

static void
some_are_answered_by_an_argument(void **state)
{
	static struct program p;

	(void)state;
	p.n = 0;
	make(&p, false);
	assert_int_equal(call(&p, ARCH, SYS_socket, AF_INET6, 0), ALLOW);
	assert_int_equal(call(&p, ARCH, SYS_socket, AF_PACKET, 0), REFUSE(EAFNOSUPPORT));
	assert_int_equal(call(&p, ARCH, SYS_socket, AF_UNIX, 0), REFUSE(EAFNOSUPPORT));
	assert_int_equal(call(&p, ARCH, SYS_sendto, 0, 0), ALLOW);
	assert_int_equal(with(&p, SYS_sendto, 3, MSG_DONTWAIT | MSG_NOSIGNAL), ALLOW);
	assert_int_equal(with(&p, SYS_sendto, 3, FAST_OPEN | MSG_NOSIGNAL), REFUSE(EOPNOTSUPP));
	assert_int_equal(with(&p, SYS_sendmsg, 2, FAST_OPEN), REFUSE(EOPNOTSUPP));
	assert_int_equal(with(&p, SYS_sendmmsg, 3, FAST_OPEN), REFUSE(EOPNOTSUPP));
	for (size_t i = 0; i < 4; i++) {
		static const int own[] = { SYS_prlimit64, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo };

		assert_int_equal(with(&p, own[i], 0, (uint64_t)getpid()), ALLOW);
		assert_int_equal(with(&p, own[i], 0, (uint64_t)getppid()), REFUSE(EPERM));
	}
	assert_int_equal(with(&p, SYS_fcntl, 1, F_GETFL), ALLOW);
	assert_int_equal(with(&p, SYS_fcntl, 1, F_SETOWN), REFUSE(EPERM));
	assert_int_equal(call(&p, ARCH, SYS_prctl, PR_SET_NAME, 0), ALLOW);
	assert_int_equal(call(&p, ARCH, SYS_prctl, PR_SET_SECCOMP, 0), REFUSE(EINVAL));
	assert_int_equal(call(&p, ARCH, SYS_kill, 1, 0), ALLOW);
	assert_int_equal(call(&p, ARCH, SYS_kill, 1, 9), REFUSE(EPERM));
	assert_int_equal(call(&p, ARCH, SYS_ioctl, 0, TIOCGWINSZ), ALLOW);
	assert_int_equal(call(&p, ARCH, SYS_ioctl, 0, TIOCSTI), REFUSE(EPERM));
	assert_int_equal(call(&p, ARCH, SYS_clone, CLONE_THREAD | CLONE_VM, 0), ALLOW);
#ifndef TRACED
	assert_int_equal(call(&p, ARCH, SYS_clone, CLONE_VM, 0), REFUSE(EPERM));
#endif
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_is_answered_as_the_lists_say),
		cmocka_unit_test(some_are_answered_by_an_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void
no_filter_for_this_machine(void **state)
{
	(void)state;
	print_message("there is no list of calls for this machine\n");
	skip();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(no_filter_for_this_machine) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
