#include "core/span.h"
#include "info.h"

int
info_put(struct app *a, struct fault *f)
{
	jw_end(&a->rec);
	return printer_put(&a->out, &a->rec, f);
}

int
info_put_raw(struct app *a, const struct tok *v, struct fault *f)
{
	if (v->kind != SCAN_OBJ)
		return fault_set(f, FAULT_AGAIN, "%s: the answer holds something that is no record: %.*s",
		    a->verb->name, v->len < 40 ? (int)v->len : 40, v->p);
	span_put(&a->rec, v);
	return info_put(a, f);
}

int
info_words(const struct app *a, int n, int min, int max, struct fault *f)
{
	const struct verb *v = a->verb;

	if (n >= min && (max == -1 || n <= max))
		return 0;
	if (v->args == NULL)
		return fault_set(f, FAULT_USAGE, "%s takes no words; see bf-info --help", v->name);
	return fault_set(f, FAULT_USAGE, "%s %s %s; see bf-info --help", v->name, n < min ? "needs" : "takes only",
	    v->args);
}
