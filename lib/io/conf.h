/* The market place: profiles, directories, caps. */
#ifndef BF_IO_CONF_H
#define BF_IO_CONF_H

#include <stdbool.h>

#include "core/dec.h"
#include "core/endpoint.h"
#include "core/fault.h"

/*
 * A profile. Found by --profile NAME, then BF_PROFILE, then `default` of the
 * configuration ($BF_CONFIG, else ${XDG_CONFIG_HOME:-~/.config}/bf/config, INI).
 * Built in: live, demo. A file ${XDG_CONFIG_HOME:-~/.config}/bf/profiles/NAME
 * (INI without section header, same keys) is read after the section: bf-sim
 * writes one. Keys of a section: rest, ws, coinm_rest, coinm_ws, wsapi, coinm_wsapi,
 * ca_file, key_file, secret_cmd, api_key, max_order_notional, max_position_notional,
 * max_price_distance, max_orders_per_minute, symbols, recv_window, exchange, sapi, proxy,
 * allow_withdrawals. Unknown section keys are errors with file and line. A relative
 * key_file or ca_file is one in conf_dir; a key_file may begin with the word $CREDENTIALS_DIRECTORY/. Without coinm_rest and coinm_ws an
 * exchange on this machine serves COIN-M at rest and ws too, as bf-sim does, and
 * the built-in addresses have their own; likewise the WebSocket API, which an exchange on
 * this machine serves at ws. ca_file is for an exchange on this machine
 * only: elsewhere nothing but the system's certificates is trusted. The configuration must not be writable by others. A file that holds a secret, and
 * the profile file, must be 0600, owned by the caller, not a symlink.
 */
struct profile {
	char	name[64];
	char	rest[256];	/* "https://fapi.binance.com", no trailing slash */
	char	ws[256];	/* "wss://fstream.binance.com" */
	char	coinm_rest[256], coinm_ws[256];	/* of COIN-M; "" if not known */
	char	wsapi[256], coinm_wsapi[256];	/* "wss://ws-fapi.binance.com"; "" if not known */
	char	exchange[8];	/* "live", "demo": whose addresses these are; "": another one's */
	char	sapi[256];	/* spot REST, which tells what a key may do; "" if not known */
	char	proxy[256];	/* "http://HOST:PORT" to tunnel through (CONNECT); "": none */
	bool	allow_withdrawals;	/* a key that may withdraw is wanted */
	char	ca_file[512];	/* certificates to trust instead of the system's; "" */
	char	key_file[512];	/* "" if none */
	char	secret_cmd[512], api_key[256];	/* api_key is no secret; goes with secret_cmd */
	char	own_file[512];	/* the profile's own file if it holds a key; "" if none */
	bool	chosen;		/* by --profile, BF_PROFILE or default; false: live for public data */
	bool	loopback;	/* rest and ws are on 127.0.0.1/localhost/[::1]: http and ws allowed */
	int	recv_window;	/* ms, 5000 unless set; at most 10000 */
	/* Caps; 0: none. Notionals in the quote asset, of COIN-M in USD. */
	dec	max_order_notional;
	dec	max_position_notional;	/* |position| after the order */
	dec	max_price_distance;	/* percent: of an order's price from the mark price */
	int	max_orders_per_minute;	/* 0: no cap */
	char	symbols[1024];	/* blank-separated; "" all */
	char	conf_dir[400], state_dir[400], cache_dir[400];	/* state and cache: of this profile */
};

/* name NULL: not given. FAULT_USAGE with a text that says how to mend it. */
int profile_load(struct profile *p, const char *name, struct fault *f);
/* The same, and told is called for each key that is said, with file and line; of a key said twice
 * the last one holds. path is good until it returns. */
int profile_load_told(struct profile *p, const char *name,
    void (*told)(void *arg, const char *key, const char *path, int line), void *arg, struct fault *f);
/* The same, with that text where its own file would be: of one that is about to be written. */
int profile_load_text(struct profile *p, const char *name, const char *text, size_t n, struct fault *f);
/* How many of the five caps are set. */
int profile_caps(const struct profile *p);
/* Where the own file of a profile is, or would be: p->name and p->conf_dir are looked at. */
void profile_own_path(const struct profile *p, char out[static 512]);
/* Letters, digits, _ and -, at most 63; FAULT_USAGE. */
int profile_name_check(const char *name, struct fault *f);

/* What is wrong with the value of a key ("max_order_notional"), or NULL; also: no such key. */
const char *profile_value_wrong(const char *key, const char *value);

/* A name, and where it is known from. */
enum { PROFILE_BUILT_IN = 1, PROFILE_SECTION = 2, PROFILE_FILE = 4 };
struct profile_name { char name[64]; unsigned from; };
#define PROFILE_NAMES	256
/* All of them, each once, the built-in ones first, then by the alphabet; and the `default` of the
 * configuration ("": none). What a name stands for is not looked at. Returns how many. */
int profile_names(struct profile_name out[static PROFILE_NAMES], char chosen[static 64], struct fault *f);

/* Where the configuration is, whether there is one or not; and the directory of profiles/. */
int conf_path(char out[static 512], struct fault *f);
int conf_dir(char out[static 400], struct fault *f);
/* Say `default = NAME` in the configuration, and keep all else of it byte for byte. */
int conf_set_default(const char *name, struct fault *f);
/* Write a whole file so that others see the old one or the new one, and it is on the disk (O_EXCL,
 * fsync, rename, fsync of the directory, which is made, 0700). replace: one that is there goes;
 * else FAULT_USAGE, and *there (if not NULL) tells that this was it. */
int conf_put(const char *path, unsigned mode, const void *p, size_t n, bool replace, bool *there, struct fault *f);
/* Whether this process has more rights than who started it: such a one does nothing at all. */
bool conf_privileged(void);
#define PRIVILEGED_TEXT	"refusing to run set-user-ID or set-group-ID"
/* FAULT_USAGE, saying how to choose, unless a profile was chosen. */
int profile_need_chosen(const struct profile *p, struct fault *f);
/* The address of a market's REST or streams; FAULT_USAGE, and NULL, if the
 * profile has none for COIN-M. */
const char *profile_rest(const struct profile *p, enum market m, struct fault *f);
const char *profile_ws(const struct profile *p, enum market m, struct fault *f);
/* The address of a market's WebSocket API, without its path; likewise for either market. */
const char *profile_wsapi(const struct profile *p, enum market m, struct fault *f);
/* Another file that decides what may leave (rules), whole, with a NUL behind its n bytes and none within; the
 * caller frees it. It must be what the configuration must be: regular, no symlink, at most 64 KiB, of the caller or root,
 * and not writable by others. FAULT_USAGE with a text that says how to mend it. */
int conf_text(char **out, size_t *n, const char *path, struct fault *f);
/* "usdm" or "coinm"; FAULT_USAGE for anything else. */
int market_parse(enum market *out, const char *s, struct fault *f);

#endif
