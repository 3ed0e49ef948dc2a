#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "io/conf.h"
#include "scratch.h"

static struct fault fault;
static struct profile p;

static int
setup(void **state)
{
	unsetenv("BF_PROFILE");
	unsetenv("BF_CONFIG");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	if (scratch_make(state) == -1)
		return -1;
	return setenv("HOME", scratch, 1);
}

static void
config(const char *text)
{
	scratch_text(".config/bf/config", 0600, text);
}

static int
load(const char *name)
{
	memset(&fault, 0, sizeof fault);
	return profile_load(&p, name, &fault);
}

/* Loading fails as misuse, with these words in the text. */
static void
refused(const char *name, const char *words)
{
	assert_int_equal(load(name), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	if (strstr(fault.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, fault.text);
}

static void
without_a_word_it_is_live_for_public_data_only(void **state)
{
	(void)state;
	assert_int_equal(load(NULL), 0);
	assert_string_equal(p.name, "live");
	assert_string_equal(p.rest, "https://fapi.binance.com");
	assert_string_equal(p.ws, "wss://fstream.binance.com");
	assert_int_equal(p.recv_window, 5000);
	assert_false(p.chosen);
	assert_false(p.loopback);
	assert_string_equal(p.state_dir, in_scratch(".local/state/bf/live"));
	assert_string_equal(p.cache_dir, in_scratch(".cache/bf/live"));
	assert_string_equal(p.conf_dir, in_scratch(".config/bf"));
	assert_int_equal(profile_need_chosen(&p, &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_non_null(strstr(fault.text, "--profile"));
	assert_non_null(strstr(fault.text, "BF_PROFILE"));
	assert_non_null(strstr(fault.text, "bf-profile add"));
}

static void
the_name_comes_from_option_then_environment_then_default(void **state)
{
	(void)state;
	config("default = mine\n[mine]\nrest = https://example.org\nws = wss://example.org:443/\n");
	assert_int_equal(load(NULL), 0);
	assert_string_equal(p.name, "mine");
	assert_string_equal(p.ws, "wss://example.org:443");	/* no trailing slash */
	assert_true(p.chosen);
	setenv("BF_PROFILE", "demo", 1);
	assert_int_equal(load(NULL), 0);
	assert_string_equal(p.rest, "https://demo-fapi.binance.com");
	assert_int_equal(load("live"), 0);
	assert_string_equal(p.name, "live");
	assert_true(p.chosen);
	assert_int_equal(profile_need_chosen(&p, &fault), 0);
}

static void
xdg_directories_are_followed_unless_relative(void **state)
{
	(void)state;
	setenv("XDG_STATE_HOME", "/var/s", 1);
	setenv("XDG_CACHE_HOME", "relative", 1);
	assert_int_equal(load("demo"), 0);
	assert_string_equal(p.state_dir, "/var/s/bf/demo");
	assert_string_equal(p.cache_dir, in_scratch(".cache/bf/demo"));
	unsetenv("HOME");
	assert_int_equal(load("demo"), 0);	/* the password file knows a home */
	assert_int_equal(p.cache_dir[0], '/');
}

static void
a_section_sets_caps_and_keys(void **state)
{
	(void)state;
	config("# mine\n"
	    "[demo]\n"
	    "symbols = BTCUSDT, ETHUSDT\n"
	    "   \xe6\xb5\x8b\xe8\xaf\x95USDT\n"
	    "max_order_notional = 2500.50\n"
	    "max_position_notional = 10000\n"
	    "max_price_distance = 2.5\n"
	    "max_orders_per_minute = 30\n"
	    "recv_window = 10000\n"
	    "key_file = keys/demo\n"
	    "api_key = abc\n"
	    "secret_cmd = pass show bf/demo\n"
	    "[other]\n"
	    "symbols = XRPUSDT\n"
	    "max_orders_per_minute = 1\n");
	assert_int_equal(load("demo"), 0);
	assert_string_equal(p.symbols, "BTCUSDT ETHUSDT \xe6\xb5\x8b\xe8\xaf\x95USDT");
	assert_int_equal(dec_cmp(p.max_order_notional, (dec){ 250050, 2 }), 0);
	assert_int_equal(dec_cmp(p.max_position_notional, (dec){ 10000, 0 }), 0);
	assert_int_equal(dec_cmp(p.max_price_distance, (dec){ 25, 1 }), 0);
	assert_int_equal(p.max_orders_per_minute, 30);
	assert_int_equal(p.recv_window, 10000);
	assert_string_equal(p.key_file, in_scratch(".config/bf/keys/demo"));
	assert_string_equal(p.secret_cmd, "pass show bf/demo");
	assert_string_equal(p.api_key, "abc");
	assert_string_equal(p.rest, "https://demo-fapi.binance.com");
}

static void
a_key_file_may_be_in_the_directory_of_systemds_credentials(void **state)
{
	(void)state;
	scratch_text(".config/bf/config", 0644, "[demo]\nkey_file = $CREDENTIALS_DIRECTORY/demo.key\n");
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_int_equal(load("demo"), 0);
	assert_string_equal(p.key_file, "$CREDENTIALS_DIRECTORY/demo.key");
	setenv("CREDENTIALS_DIRECTORY", "/run/credentials/bf-deadman@demo.service", 1);
	assert_int_equal(load("demo"), 0);
	assert_string_equal(p.key_file, "/run/credentials/bf-deadman@demo.service/demo.key");
	unsetenv("CREDENTIALS_DIRECTORY");
}

/* Wherever it stands, a mistake is an error with file and line. */
static void
a_mistake_in_the_configuration_is_named_with_its_line(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "[live]\nretries = 3\n", "config:2: retries: unknown key" },
		{ "[other]\nretries = 3\n", "config:2: retries: unknown key" },
		{ "\n\n[live]\nmax_order_notional = lots\n", "config:4: max_order_notional: not a positive decimal" },
		{ "[live]\nmax_order_notional = 0\n", "config:2: max_order_notional" },
		{ "[live]\nmax_order_notional = -5\n", "config:2: max_order_notional" },
		{ "[live]\nmax_order_notional = 1e9\n", "config:2: max_order_notional" },
		{ "[live]\nmax_order_notional =\n", "config:2: max_order_notional: empty" },
		{ "[live]\nmax_position_notional = 0\n", "config:2: max_position_notional: not a positive decimal" },
		{ "[live]\nmax_position_notional = -5\n", "config:2: max_position_notional" },
		{ "[live]\nmax_position_notional = nan\n", "config:2: max_position_notional" },
		{ "[live]\nmax_position_notional = 5\nmax_position_notional = 50\n", "config:3: max_position_notional: said twice" },
		{ "[live]\nmax_price_distance = 0\n", "config:2: max_price_distance: not a decimal above 0" },
		{ "[live]\nmax_price_distance = -1\n", "config:2: max_price_distance" },
		{ "[live]\nmax_price_distance = 1000.1\n", "config:2: max_price_distance" },
		{ "[live]\nmax_price_distance = 1,5\n", "config:2: max_price_distance" },
		{ "[live]\nmax_price_distance = 5%\n", "config:2: max_price_distance: a number of percent" },
		{ "[live]\nmax_price_distance =\n", "config:2: max_price_distance: empty" },
		{ "[live]\nmax_price_distances = 5\n", "config:2: max_price_distances: unknown key" },
		{ "[live]\nrecv_window = 5\n-----BEGIN PRIVATE KEY-----\nCANARY=\n", "config:3: no private key here" },
		{ "[live]\nprivate_key = -----BEGIN PRIVATE KEY-----\nCANARY=\n", "config:2: no private key here" },
		{ "[live]\nrecv_window = 10001\n", "config:2: recv_window: not a whole number from 1 to 10000" },
		{ "[live]\nrecv_window = 0\n", "config:2: recv_window" },
		{ "[live]\nmax_orders_per_minute = 5x\n", "config:2: max_orders" },
		{ "[live]\nmax_orders_per_minute = 5\nmax_orders_per_minute = 500\n", "config:3: max_orders_per_minute: said twice" },
		{ "[live]\nmax_orders_per_minute = 5\n[demo]\nrecv_window = 1\n[live]\nmax_orders_per_minute = 500\n", "config:6: max_orders_per_minute: said twice" },
		{ "[live]\nsymbols = A\nsymbols = B\n", "config:3: symbols: said twice" },
		{ "[live]\nrecv_window = 5\n  api_key = x\n", "config:3: recv_window: an indented line" },
		{ "rest = https://x.org\n", "config:1: rest: only `default" },
		{ "default = a b\n", "config:1: default: not a profile name" },
		{ "default = live\ndefault = demo\n", "config:2: default: said twice" },
		{ "[a/b]\nrecv_window = 1\n", "config:2: the section's name" },
		{ "[live]\nnonsense\nretries = 1\n", "config:2: not `key = value`" },
		{ "[live\nrecv_window = 1\n", "config:1: not `key = value`" },
		{ "[live]\nsecret = abc\n", "config:2: secret: no secrets here" },
		{ "[live]\nkey_file = ~/key\n", "config:2: key_file: write the whole path" },
		{ "[live]\napi_key = a b\n", "config:2: api_key" },
		{ "[live]\nsecret_cmd = a\tb\n", "config:2: secret_cmd: holds a control" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		config(row[i].text);
		refused("live", row[i].want);
		assert_null(strstr(fault.text, "CANARY"));
	}
}

static void
caps_are_none_unless_set(void **state)
{
	(void)state;
	config("[demo]\nrecv_window = 5\n");
	assert_int_equal(load("demo"), 0);
	assert_int_equal(dec_sign(p.max_order_notional), 0);
	assert_int_equal(dec_sign(p.max_position_notional), 0);
	assert_int_equal(dec_sign(p.max_price_distance), 0);
	assert_int_equal(p.max_orders_per_minute, 0);
}

static void
a_line_too_long_or_a_nul_is_an_error_not_a_cut(void **state)
{
	char text[1024] = "[live]\nkey_file = /";

	(void)state;
	memset(text + strlen(text), 'x', 500);
	config(text);
	refused("live", "config:2: the line is too long");
	scratch_put(".config/bf/config", 0600, "[live]\n\0x", 9);
	refused("live", "NUL");
}

static void
an_address_is_encrypted_unless_it_is_this_machine(void **state)
{
	static const struct { const char *rest, *ws; const char *want; } row[] = {
		{ "https://example.org", "wss://example.org", NULL },
		{ "http://127.0.0.1:8080", "ws://127.0.0.1:8081", NULL },
		{ "http://localhost:1", "ws://[::1]:65535", NULL },
		{ "https://localhost", "wss://127.0.0.1", NULL },
		{ "http://example.org", "wss://example.org", "unencrypted" },
		{ "https://example.org", "ws://example.org", "unencrypted" },
		{ "http://127.0.0.1.example.org", "ws://127.0.0.1", "unencrypted" },
		{ "http://127.0.0.1@example.org", "ws://127.0.0.1", "not SCHEME" },
		{ "http://localhost.evil.org", "ws://127.0.0.1", "unencrypted" },
		{ "https://user:pw@example.org", "wss://example.org", "not SCHEME" },
		{ "https://example.org/api", "wss://example.org", "not SCHEME" },
		{ "https://example.org?x", "wss://example.org", "not SCHEME" },
		{ "https://example.org:0", "wss://example.org", "not SCHEME" },
		{ "https://example.org:65536", "wss://example.org", "not SCHEME" },
		{ "https://example.org:1:2", "wss://example.org", "not SCHEME" },
		{ "https://", "wss://example.org", "not SCHEME" },
		{ "https://exa mple.org", "wss://example.org", "not SCHEME" },
		{ "https://example.org\r", "wss://example.org", NULL },	/* CRLF file */
		{ "https://exam\rple.org", "wss://example.org", "not SCHEME" },
		{ "ftp://example.org", "wss://example.org", "wrong scheme" },
		{ "wss://example.org", "wss://example.org", "wrong scheme" },
		{ "https://example.org", "https://example.org", "wrong scheme" },
		{ "http://127.0.0.1:1", "wss://example.org", "all on this machine" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(text, sizeof text, "[mine]\nrest = %s\nws = %s\n", row[i].rest, row[i].ws);
		config(text);
		if (row[i].want != NULL)
			refused("mine", row[i].want);
		else
			assert_int_equal(load("mine"), 0);
	}
	config("[mine]\nrest = http://127.0.0.1:8080\nws = ws://127.0.0.1:8081\n");
	assert_int_equal(load("mine"), 0);
	assert_true(p.loopback);
}

static void
a_profile_that_is_not_there_is_explained(void **state)
{
	(void)state;
	refused("mine", "no profile mine");
	refused("sim", "bf-sim --profile-out sim");
	refused("../x", "not a profile name");
	refused("", "not a profile name");
	config("[mine]\nrest = https://example.org\n");
	refused("mine", "`ws` is missing");
	setenv("BF_CONFIG", in_scratch("nowhere"), 1);
	refused("live", "BF_CONFIG: no file");
}

#define SIM "rest = http://127.0.0.1:7001\nws = ws://127.0.0.1:7002\n"

static void
a_profiles_own_file_may_hold_its_key_but_the_key_is_not_kept(void **state)
{
	(void)state;
	scratch_text(".config/bf/profiles/sim", 0600, SIM);
	assert_int_equal(load("sim"), 0);
	assert_string_equal(p.own_file, "");
	assert_true(p.loopback);
	scratch_text(".config/bf/profiles/sim", 0600, SIM
	    "key = CANARYKEY\n secret=CANARYSECRET\ntype = hmac\nmax_orders_per_minute = 7\n");
	assert_int_equal(load("sim"), 0);
	assert_string_equal(p.own_file, in_scratch(".config/bf/profiles/sim"));
	assert_int_equal(p.max_orders_per_minute, 7);
	for (size_t i = 0; i + 6 < sizeof p; i++)
		assert_int_not_equal(memcmp((char *)&p + i, "CANARY", 6), 0);
}

/* Base64 may look like a line of ours; and what stands after it counts. */
static void
a_private_key_in_a_profiles_own_file_hides_no_other_line(void **state)
{
	static const char *const begin[] = { "-----BEGIN PRIVATE KEY-----", "private_key = -----BEGIN PRIVATE KEY-----" };
	char text[300];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof text, SIM "%s\nCANARYA=\nfoo=\n-----END PRIVATE KEY-----\nmax_orders_per_minute = 7\n", begin[i]);
		scratch_text(".config/bf/profiles/sim", 0600, text);
		assert_int_equal(load("sim"), 0);
		assert_string_equal(p.own_file, in_scratch(".config/bf/profiles/sim"));
		assert_int_equal(p.max_orders_per_minute, 7);
		snprintf(text, sizeof text, SIM "%s\nCANARY=\nmax_orders_per_minute = 7\n", begin[i]);
		scratch_text(".config/bf/profiles/sim", 0600, text);
		refused("sim", "the private key has no END line");
	}
	scratch_text(".config/bf/profiles/sim", 0600, SIM "# -----BEGIN\nmax_orders_per_minute = 7\n");
	assert_int_equal(load("sim"), 0);
	assert_int_equal(p.max_orders_per_minute, 7);
}

static void
a_profiles_own_file_with_a_mistake_is_refused(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "[sim]\n" SIM, "sim:2: a profile's own file has no [section]" },
		{ SIM "secret = SECRET\nfoo = 1\n", "sim:4: foo: unknown key" },
		{ SIM "rest = http://127.0.0.1:9\n", "sim:3: rest: said twice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		scratch_text(".config/bf/profiles/sim", 0600, row[i].text);
		refused("sim", row[i].want);
		assert_null(strstr(fault.text, "SECRET"));
	}
}

static void
files_that_others_control_are_refused(void **state)
{
	(void)state;
	config("[live]\nrecv_window = 1\n");
	chmod(in_scratch(".config/bf/config"), 0644);
	assert_int_equal(load("live"), 0);	/* no secret in it: reading is fine */
	chmod(in_scratch(".config/bf/config"), 0664);
	refused("live", "chmod go-w");
	scratch_text("real", 0600, "[live]\n");
	unlink(in_scratch(".config/bf/config"));
	assert_int_equal(symlink(in_scratch("real"), in_scratch(".config/bf/config")), 0);
	refused("live", "symbolic link");
	unlink(in_scratch(".config/bf/config"));
	assert_int_equal(mkfifo(in_scratch(".config/bf/config"), 0600), 0);
	refused("live", "not a regular file");
	unlink(in_scratch(".config/bf/config"));

	scratch_text(".config/bf/profiles/sim", 0640, SIM);
	refused("sim", "chmod 600");
}

static void
there_are_two_markets(void **state)
{
	enum market m = MARKET_COINM;

	(void)state;
	assert_int_equal(market_parse(&m, "usdm", &fault), 0);
	assert_int_equal(m, MARKET_USDM);
	assert_int_equal(market_parse(&m, "coinm", &fault), 0);
	assert_int_equal(m, MARKET_COINM);
	assert_int_equal(market_parse(&m, "spot", &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_a_word_it_is_live_for_public_data_only),
		T(the_name_comes_from_option_then_environment_then_default),
		T(xdg_directories_are_followed_unless_relative),
		T(a_section_sets_caps_and_keys),
		T(a_key_file_may_be_in_the_directory_of_systemds_credentials),
		T(caps_are_none_unless_set),
		T(a_mistake_in_the_configuration_is_named_with_its_line),
		T(a_line_too_long_or_a_nul_is_an_error_not_a_cut),
		T(an_address_is_encrypted_unless_it_is_this_machine),
		T(a_profile_that_is_not_there_is_explained),
		T(a_profiles_own_file_may_hold_its_key_but_the_key_is_not_kept),
		T(a_private_key_in_a_profiles_own_file_hides_no_other_line),
		T(a_profiles_own_file_with_a_mistake_is_refused),
		T(files_that_others_control_are_refused),
		T(there_are_two_markets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
