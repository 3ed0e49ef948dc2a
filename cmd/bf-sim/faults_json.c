/*
 * A fault rule as JSON: {"t":N,"on":"METHOD PATH","exec":"yes",...} is the shorthand with its
 * words as members; true stands for a word without a value.
 */
#include <stdio.h>
#include <string.h>

#include "core/scan.h"
#include "faults_in.h"

#define TOKENS	64	/* of a rule */

static bool
add_text(char out[static FAULT_TEXT], size_t *n, const char *a, const char *b, const char *c)
{
	int more = snprintf(out + *n, FAULT_TEXT - *n, "%s%s%s", a, b, c);

	if (more < 0 || (size_t)more >= FAULT_TEXT - *n)
		return false;
	*n += (size_t)more;
	return true;
}

/* A member's value as text: of a string its content. */
static bool
member_text(const struct tok *v, char out[static FAULT_TEXT])
{
	if (v->kind == SCAN_STR)
		return scan_str(v, out, FAULT_TEXT);
	if (v->kind != SCAN_NUM || v->len >= FAULT_TEXT)
		return false;
	snprintf(out, FAULT_TEXT, "%.*s", (int)v->len, v->p);
	return true;
}

/* The words of all members but those that say what it is about. */
static bool
json_words(const struct tok *t, char out[static FAULT_TEXT], size_t *n)
{
	char name[FAULT_TEXT], value[FAULT_TEXT];
	const struct tok *k, *v;

	for (k = t + 1; k < t + t->next; k = t + v->next) {
		v = k + 1;
		if (!scan_str(k, name, sizeof name))
			return false;
		if (strcmp(name, "t") == 0 || strcmp(name, "on") == 0 || strcmp(name, "ws") == 0 ||
		    strcmp(name, "sim") == 0)
			continue;
		if (v->kind == SCAN_TRUE) {
			if (!add_text(out, n, " ", name, ""))
				return false;
		} else if (!member_text(v, value) || !add_text(out, n, " ", name, "=\"") ||
		    !add_text(out, n, value, "\"", ""))
			return false;
	}
	return true;
}

bool
faults_json(const char *text, char out[static FAULT_TEXT])
{
	struct tok t[TOKENS];
	char on[FAULT_TEXT] = "", ws[FAULT_TEXT] = "", sim[FAULT_TEXT] = "", at[FAULT_TEXT] = "";
	const struct tok *v;
	size_t n = 0;

	if (scan_json(text, strlen(text), t, TOKENS, NULL) < 0 || t->kind != SCAN_OBJ)
		return false;
	if (((v = scan_get(t, t, "t")) != NULL && !member_text(v, at)) ||
	    ((v = scan_get(t, t, "on")) != NULL && !member_text(v, on)) ||
	    ((v = scan_get(t, t, "ws")) != NULL && !member_text(v, ws)) ||
	    ((v = scan_get(t, t, "sim")) != NULL && !member_text(v, sim)))
		return false;
	out[0] = '\0';
	if (*at != '\0' && !add_text(out, &n, "t=", at, " "))
		return false;
	if (*on != '\0')
		return add_text(out, &n, "on ", on, ":") && json_words(t, out, &n) &&
		    (*sim == '\0' || add_text(out, &n, " sim ", sim, ""));
	if (*ws != '\0')
		return add_text(out, &n, "ws:", ws, ":") && json_words(t, out, &n);
	return *sim != '\0' && add_text(out, &n, "sim ", sim, "") && json_words(t, out, &n);
}
