/* Decimals in tests: D("1.50") is the number as it is written. */
#ifndef BF_TESTS_DECIMAL_H
#define BF_TESTS_DECIMAL_H

#include "core/dec.h"

static dec
D(const char *s)
{
	dec d;

	if (!dec_parse(&d, s))
		fail_msg("bad test: %s", s);
	return d;
}

#endif
