/* What the parts of conf share, and nobody else. */
#ifndef BF_IO_CONF_IN_H
#define BF_IO_CONF_IN_H

#include <stdbool.h>
#include <stddef.h>

#include "io/conf.h"

#define CONF_MAX	(64u << 10)	/* bytes of a configuration file */
#define SECTION_MAX	49	/* inih cuts a section name there without a word */

/* conf_file.c. 1: text is the file's content, 0: there is no such file, -1: fault. loose: others
 * may read it. */
int conf_read(const char *path, bool loose, char text[static CONF_MAX + 1], size_t *n, struct fault *f);

/* conf_value.c */
enum key {
	KEY_REST, KEY_WS, KEY_COINM_REST, KEY_COINM_WS, KEY_WSAPI, KEY_COINM_WSAPI, KEY_CA, KEY_FILE, KEY_CMD, KEY_API,
	KEY_NOTIONAL, KEY_POSITION, KEY_DISTANCE, KEY_RATE, KEY_SYMBOLS, KEY_WINDOW,
	KEY_EXCHANGE, KEY_SAPI, KEY_PROXY, KEY_WITHDRAWALS, KEY_COUNT
};

extern const char *const conf_key[KEY_COUNT];
/* Sets one; what is wrong with the value, or NULL. more: a continued line. */
const char *conf_set(struct profile *p, enum key k, const char *v, bool more);
/* Behind the host of an address, and whether it is this machine; NULL if it is none. */
const char *conf_host_end(const char *host, bool *loopback);

/* conf_parse.c */
struct parse {
	const char	*path, *at, *end;
	const char	*want;		/* the section; NULL: only find `default` and errors */
	bool		 own;		/* a profile's own file: no sections, may hold a secret */
	bool		 continued;	/* the line begins with a blank */
	bool		 pem;		/* between the lines BEGIN and END of a private key */
	int		 line;
	bool		 failed, found, has_secret;
	bool		 seen[KEY_COUNT], seen_want[KEY_COUNT];	/* keys of this section; of want */
	char		 section[SECTION_MAX + 1];
	char		 chosen[64];	/* `default` */
	int		 chosen_line;	/* 0: not said */
	void		(*told)(void *arg, const char *key, const char *path, int line);	/* each key of ours; or NULL */
	int		(*section_found)(struct parse *x, const char *name);	/* where one begins; or NULL */
	void		*arg;		/* of both */
	struct profile	*p;
	struct fault	*f;
};

/* The whole text. p, f, path, want, own, told, section_found, arg are the caller's to set. */
int conf_parse(struct parse *x, const char *text, size_t n);
/* Letters, digits, _ and -, 1 to 63. */
bool conf_name_ok(const char *s);

/* conf.c: the configuration, whose path is the caller's to set too: its errors, its `default`,
 * and the section that is wanted. 1: read, 0: there is none, -1: fault. */
int conf_parse_config(struct parse *x, struct fault *f);

/* conf_place.c: what is built in. The conf_set_* fill in what the profile leaves open. */
bool conf_built_in(const char *name);
const char *conf_built_in_name(size_t i);	/* NULL: there are no more */
/* rest and ws of a profile that is called as one that is built in; *found: it is. */
void conf_set_built_in(struct profile *p, bool *found);
/* rest and ws where `exchange` names one. */
void conf_set_of_exchange(struct profile *p);
/* Whether `exchange` and `rest` are of one exchange. */
bool conf_agrees(const struct profile *p);
/* exchange and sapi, by `rest`. */
void conf_set_place(struct profile *p);
void conf_set_coinm(struct profile *p);
void conf_set_wsapi(struct profile *p);
bool conf_is_loopback(const char *url);
/* Whether all addresses are on this machine, or none is. */
bool conf_one_side(const struct profile *p);

#endif
