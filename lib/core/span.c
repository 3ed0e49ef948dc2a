#include <string.h>

#include "core/span.h"

void
span_put(struct buf *out, const struct tok *v)
{
	const char *p = v->p, *end = v->p + v->len;
	bool quoted = v->kind == SCAN_STR;

	if (quoted)
		buf_chr(out, '"');
	while (p < end) {
		size_t n = (size_t)(end - p);
		const char *nl = memchr(p, '\n', n), *cr;

		if (nl != NULL)
			n = (size_t)(nl - p);
		if ((cr = memchr(p, '\r', n)) != NULL)
			n = (size_t)(cr - p);
		buf_put(out, p, n);
		p += n;
		while (p < end && (*p == '\n' || *p == '\r'))
			p++;
	}
	if (quoted)
		buf_chr(out, '"');
}
