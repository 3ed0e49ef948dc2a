/*
 * Signatures are checked against what others published: Binance's own signing
 * examples (key, message, result), RFC 8032 for Ed25519; RSA by OpenSSL's own
 * verification. No error may hold a byte of a secret.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>
#include <signal.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cmocka.h>

#include "keyrig.h"

#define SPOT_SECRET "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"

/*
 * "published": what the exchange's documentation prints. "computed": the same key over a
 * message that it does not print, by openssl dgst -sha256 -hmac.
 */
static void
hmac_gives_the_published_signatures(void **state)
{
	static const struct { const char *secret, *msg, *sig; } row[] = {
		/* published: all parameters in the query, or all in the body */
		{ SECRET, ORDER, "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9" },
		/* published: query and body mixed, nothing between the two, with the blank that
		 * its text has after "timestamp=" */
		{ SECRET, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
		    "quantity=1&price=9000&recvWindow=5000&timestamp= 1591702613943",
		    "f9d0ae5e813ef6ccf15c2b5a434047a0181cb5a342b903b367ca6d27a66e36f2" },
		/* computed: as it is meant, without the blank */
		{ SECRET, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
		    "quantity=1&price=9000&recvWindow=5000&timestamp=1591702613943",
		    "30baaf0fab549bbeda7f5ef201898b34122da25fd23c646cac2c529aebe670a4" },
		/* computed: the first in another order */
		{ SECRET, "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000"
		    "&recvWindow=5000&timestamp=1591702613943",
		    "ec11dcc17e67e47f0d3c3f513dfe9062307e37619c5c82ebaa8fe0bdf3d59519" },
		/* computed: a symbol beyond ASCII, percent-encoded */
		{ SECRET, "symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1"
		    "&price=30&timestamp=1760000007980",
		    "ca980c4ec695c451fadcaffbe35779c4de27425965be19fd4f9897519e9a6540" },
		/* computed: a batch, its JSON percent-encoded */
		{ SECRET, "batchOrders=%5B%7B%22type%22%3A%22LIMIT%22%2C%22timeInForce%22%3A%22GTC%22%2C"
		    "%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22price%22%3A%2210001%22%2C"
		    "%22quantity%22%3A%220.001%22%7D%5D&recvWindow=5000&timestamp=1591702613943",
		    "f9989392bce641701caf36bd26cd450a5dfe55cf28491470af9ba96483ecb538" },
		/* computed: the shortest there is */
		{ SECRET, "timestamp=1591702613943",
		    "84901bbeed96ffa9adf9995c40fcadcb0a9ddad37c2605ce82491f2c771077a6" },
		/* computed: as the WebSocket API has it, sorted by name, the key among them */
		{ SECRET, "apiKey=" KEY "&price=9000&quantity=1&recvWindow=5000&side=BUY&symbol=BTCUSDT"
		    "&timeInForce=GTC&timestamp=1591702613943&type=LIMIT",
		    "5b8fe2b962b8e1b2b82fb40e548d56147c2a8f835b5f1393ae4b4b90c38b527f" },
		/* published, with the key pair of the spot market: in the query, and mixed */
		{ SPOT_SECRET, "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
		    "&recvWindow=5000&timestamp=1499827319559",
		    "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71" },
		{ SPOT_SECRET, "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1"
		    "&recvWindow=5000&timestamp=1499827319559",
		    "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77" },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(text, sizeof text, "# bf\nkey = " KEY "\nsecret=%s\r\n\ntype=hmac", row[i].secret);
		scratch_text("k", 0600, text);
		assert_int_equal(load(), 0);
		assert_string_equal(cred_key(c), KEY);
		for (int k = 0; k < 2; k++)
			assert_string_equal(sign(row[i].msg), row[i].sig);
		cred_free(c);
	}
}

/* RFC 2104: a key longer than the block of 64 bytes is hashed first. By openssl dgst -sha256 -hmac. */
static void
hmac_takes_secrets_about_and_above_a_block(void **state)
{
	static const struct { int n; const char *sig; } row[] = {
		{ 63, "c26ee8975c9e9c637fbe846a620916b76353f1d3f6a3ce68549f28c92413f6c6" },
		{ 64, "68cf52436f77a3c6d4e34f5e69e8bc8ce454509c76afff061cdfcc3d1c257ec5" },
		{ 65, "2ca0b7c2bafc34a4e788f432a22492ff90a037b1c6d4c5ecce56a8d1486a28b7" },
		{ 200, "74ace03f6f0190321c03af1f7d3a3fa8fc46c5286fb8d6611ae8d956f848d5ec" },
	};
	char secret[201], text[512];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		memset(secret, 'k', sizeof secret);
		secret[row[i].n] = '\0';
		snprintf(text, sizeof text, "key=" KEY "\nsecret=%s\n", secret);
		scratch_text("k", 0600, text);
		assert_int_equal(load(), 0);
		assert_string_equal(sign("symbol=BTCUSDT&timestamp=1"), row[i].sig);
		cred_free(c);
	}
}

static void
ed25519_signs_as_the_rfc_says(void **state)
{
	EVP_PKEY *k = ed25519_seed();

	(void)state;
	write_pem("pem", k, NULL);
	EVP_PKEY_free(k);
	scratch_text("k", 0600, "key=TESTKEY\nprivate_key=pem\ntype=ed25519\n");	/* beside the file */
	assert_int_equal(load(), 0);
	/* the RFC's signature of the empty message, in base64, percent-encoded */
	assert_string_equal(sign(""), "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc"
	    "%2BbRr0lv18FlbviRlUUFDjnoQCw%3D%3D");
	/* the same key over an order, by another program: openssl pkeyutl -sign -rawin */
	assert_string_equal(sign(ORDER), "ATEuJPvzWUFs0d1x9FwudUJsSfMMWR%2BbkdrxtbOYgFkZj36Ol%2FvwKDGm9UWt"
	    "Kuq0mtnSTOQruQAwFvR128PaDg%3D%3D");
	/* and over what session.logon of the WebSocket API signs */
	assert_string_equal(sign("apiKey=TESTKEY&timestamp=1649729878532"), "A7pzSIpXcoDaqSQtTE3VoAC4ZPjKNqkt"
	    "orOhIKIeEslb5EmDHZQnWzZE75tmjqi%2BUy%2FYwYcRuA5dVDKrgUjYCw%3D%3D");
	cred_free(c);
}

static void
rsa_signatures_verify(void **state)
{
	EVP_PKEY *k = new_rsa(2048);

	(void)state;
	write_pem("pem", k, NULL);
	scratch_text("k", 0600, "key=TESTKEY\nprivate_key=pem\n");
	assert_int_equal(load(), 0);
	assert_true(verify(k, ORDER, sign(ORDER)));
	assert_false(verify(k, "another order", sign(ORDER)));
	cred_free(c);
	EVP_PKEY_free(k);
	k = new_rsa(1024);
	write_pem("pem", k, NULL);
	EVP_PKEY_free(k);
	refused(FAULT_KEY, "less than 2048 bits");
}

static void
a_bad_file_is_refused_with_reason_and_mend(void **state)
{
	static char big[20000];

	(void)state;
	refused(FAULT_KEY, "No such file");
	scratch_text("k", 0640, "key=CANARY\nsecret=CANARY\n");
	refused(FAULT_KEY, "chmod 600");
	chmod(p.key_file, 0604);
	refused(FAULT_KEY, "mode 0604");
	scratch_text("k", 0600, "");
	refused(FAULT_KEY, "empty");
	memset(big, 'x', sizeof big);
	scratch_put("k", 0600, big, sizeof big);
	refused(FAULT_KEY, "larger");
	scratch_put("k", 0600, "key=CANARY\nsecret=CAN\0ARY\n", 26);
	refused(FAULT_KEY, "line 2 holds a control character");
	scratch_text("k", 0600, "key=CANARY\nsecret=CAN\x1b" "ARY\n");
	refused(FAULT_KEY, "line 2 holds a control character");

	unlink(p.key_file);
	scratch_text("real", 0600, "key=CANARY\nsecret=CANARY\n");
	assert_int_equal(symlink(in_scratch("real"), p.key_file), 0);
	refused(FAULT_KEY, "symbolic link");
	unlink(p.key_file);
	assert_int_equal(mkfifo(p.key_file, 0600), 0);
	refused(FAULT_KEY, "not a regular file");
	unlink(p.key_file);
	assert_int_equal(mkdir(p.key_file, 0700), 0);
	refused(FAULT_KEY, "not a regular file");
	rmdir(p.key_file);

	scratch_text("k", 0600, "key=CANARY\nsecret=CANARY\n");
	chmod(scratch, 0777);
	refused(FAULT_KEY, "chmod o-w");
	chmod(scratch, 0700);
	if (geteuid() == 0) {
		assert_int_equal(chown(p.key_file, 12345, (gid_t)-1), 0);
		refused(FAULT_KEY, "another user");
	}
}

/* As newer systemd does it: root's, readable by an access list, whose mask shows as the group's right. */
static void
a_credential_of_systemd_is_taken_from_its_directory_alone(void **state)
{
	(void)state;
	scratch_text("k", 0440, "key=CANARY\nsecret=CANARY\n");
	unsetenv("CREDENTIALS_DIRECTORY");
	refused(FAULT_KEY, "can be used by others");
	setenv("CREDENTIALS_DIRECTORY", "/run/credentials/other.service", 1);
	refused(FAULT_KEY, "can be used by others");
	setenv("CREDENTIALS_DIRECTORY", scratch, 1);
	if (geteuid() != 0) {
		refused(FAULT_KEY, "can be used by others");	/* root alone may have put it there */
		unsetenv("CREDENTIALS_DIRECTORY");
		return;
	}
	assert_int_equal(chown(p.key_file, 0, 0), 0);
	assert_int_equal(load(), 0);
	cred_free(c);
	chmod(p.key_file, 0444);
	refused(FAULT_KEY, "can be used by others");
	chmod(p.key_file, 0640);
	refused(FAULT_KEY, "can be used by others");
	chmod(p.key_file, 0440);
	assert_int_equal(chown(p.key_file, 0, 12345), 0);
	refused(FAULT_KEY, "can be used by others");
	assert_int_equal(chown(p.key_file, 12345, 0), 0);
	refused(FAULT_KEY, "another user");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
a_file_that_does_not_make_sense_is_refused_by_line(void **state)
{
	static const struct { const char *text, *want; } row[] = {
		{ "key=CANARY\n", "either secret= or private_key=" },
		{ "secret=CANARY\n", "no key= line" },
		{ "# c\nkey=CANARY\nCANARY\n", "line 3: not name=value" },
		{ "key=CANARY\nsecert=CANARY\n", "line 2: not key=, secret=, private_key= or type=" },
		{ "key=CANARY\nkey=CANARY\nsecret=CANARY\n", "line 2: said twice" },
		{ "key=CANARY\nsecret=\n", "line 2: nothing after the =" },
		{ "key=CANARY\nsecret=CAN ARY\n", "not one word" },
		{ "key=CAN\tARY\nsecret=CANARY\n", "not one word" },
		{ "key=CAN\rARY\nsecret=CANARY\n", "not one word" },
		{ "key=CANARY\nsecret=CANARY\xc3\xa9\n", "not one word" },
		{ "key=CANARY\nsecret=CANARY\ntype=ed25519\n", "needs private_key=" },
		{ "key=CANARY\nsecret=CANARY\ntype=md5\n", "line 3: type is not" },
		{ "key=CANARY\nsecret=CANARY\ntype=hmac\ntype=hmac\n", "line 4: type is said twice" },
		{ "key=CANARY\nsecret=CANARY\nprivate_key=/x\n", "either secret= or private_key=" },
		{ "-----BEGIN PRIVATE KEY-----\nCANARY\n", "line 1: the private key has no END line" },
		{ "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n", "no key= line beside the private key" },
		{ "key=CANARY\n\n-----BEGIN CANARY-----\nCANARY\n-----END CANARY-----\n", "not a private key in PEM" },
		{ "key=CANARY\nprivate_key = -----BEGIN CANARY-----\nCANARY\n  -----END CANARY-----\nCANARY\n", "line 5: not name=value" },
		{ "key=CANARY\nprivate_key=x\n-----BEGIN CANARY-----\n-----END CANARY-----\n", "line 3: a second private key" },
		{ "key=CANARY\n-----BEGIN CANARY-----\n-----END CANARY-----\nprivate_key=x\n", "line 4: said twice" },
		{ "key=CANARY\nsecret=CANARY\n-----BEGIN CANARY-----\n-----END CANARY-----\n", "either secret= or private_key=" },
		{ "key=-----BEGIN CANARY-----\nsecret=CANARY\n", "line 1: a PEM is no value of this" },
		{ "key=CANARY\nsecret=-----BEGIN CANARY\n", "line 2: a PEM is no value of this" },
		{ "key=CANARY\nprivate_key=missing\n", "No such file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		scratch_text("k", 0600, row[i].text);
		refused(FAULT_KEY, row[i].want);
	}
}

static void
a_private_key_of_the_wrong_kind_is_refused(void **state)
{
	EVP_PKEY *ed = ed25519_seed(), *x = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

	(void)state;
	write_pem("pem", ed, NULL);
	scratch_text("k", 0600, "key=K\nprivate_key=pem\ntype=rsa\n");
	refused(FAULT_KEY, "of type ed25519");
	scratch_text("k", 0600, "key=K\nprivate_key=pem\ntype=hmac\n");
	refused(FAULT_KEY, "type=hmac needs secret=");
	scratch_text("k", 0600, "key=K\nprivate_key=pem\n");
	chmod(in_scratch("pem"), 0644);
	refused(FAULT_KEY, "chmod 600");
	write_pem("pem", ed, EVP_aes_256_cbc());
	refused(FAULT_KEY, "has a password");
	write_pem("pem", x, NULL);
	refused(FAULT_KEY, "neither an RSA nor an Ed25519");
	scratch_text("pem", 0600, "CANARY\n");
	refused(FAULT_KEY, "not a private key");
	EVP_PKEY_free(ed);
	EVP_PKEY_free(x);
}

static void
a_profiles_own_file_has_its_key_among_other_lines(void **state)
{
	(void)state;
	scratch_text("k", 0600, "rest = http://127.0.0.1:1\nsymbols = A\n  B\nkey = " KEY "\nsecret = " SECRET "\n");
	memcpy(p.own_file, p.key_file, sizeof p.own_file);
	p.key_file[0] = '\0';
	assert_int_equal(load(), 0);
	assert_string_equal(sign(ORDER), "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
	cred_free(c);
}

static void
a_command_can_tell_the_secret(void **state)
{
	static const char *const cmds[] = {
		"echo " SECRET "; echo and a line that does not count",
		"printf %s " SECRET,
		"cat; echo " SECRET,		/* its input is empty */
		"echo secret=" SECRET,
		"printf 'key = other\\nsecret = " SECRET "\\n'",
	};

	(void)state;
	p.key_file[0] = '\0';
	for (size_t i = 0; i < sizeof cmds / sizeof *cmds; i++) {
		snprintf(p.secret_cmd, sizeof p.secret_cmd, "%s", cmds[i]);
		snprintf(p.api_key, sizeof p.api_key, "%s", KEY);
		assert_int_equal(load(), 0);
		assert_string_equal(cred_key(c), i == 4 ? "other" : KEY);
		assert_string_equal(sign(ORDER), "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
		cred_free(c);
	}
}

static void
a_command_that_fails_is_a_key_fault(void **state)
{
	static const struct { const char *cmd, *key, *want; } row[] = {
		{ "echo CANARY; exit 3", "K", "exit status 3" },
		{ "echo CANARY; kill -9 $$", "K", "did not end by itself" },
		{ "exec /nonexistent/x 2>/dev/null", "K", "exit status 127" },
		{ "true", "K", "not one word" },
		{ "echo CANARY", "", "api_key is missing" },
		{ "head -c 100000 /dev/zero | tr '\\0' x", "K", "more output" },
		{ "printf 'CAN\\033ARY'", "K", "control character" },
		{ "printf 'secret=CANARY\\nCANARY\\n'", "K", "line 2" },
		{ "echo private_key=pem", "K", "whole path" },
	};

	(void)state;
	p.key_file[0] = '\0';
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(p.secret_cmd, sizeof p.secret_cmd, "%s", row[i].cmd);
		snprintf(p.api_key, sizeof p.api_key, "%s", row[i].key);
		refused(FAULT_KEY, row[i].want);
	}
}

static void
without_any_key_the_text_says_what_to_do(void **state)
{
	(void)state;
	p.key_file[0] = '\0';
	refused(FAULT_USAGE, "key_file = FILE in [demo] of /etc/bf/config");
	setenv("BF_API_KEY", KEY, 1);
	refused(FAULT_USAGE, "one is missing");
}

/* Last: what it does to the process stays. */
static void
the_environments_secret_is_taken_out_of_it(void **state)
{
	struct rlimit rl;
	char *old;

	(void)state;
	p.key_file[0] = '\0';
	setenv("BF_API_KEY", KEY, 1);
	setenv("BF_API_SECRET", SECRET, 1);
	old = getenv("BF_API_SECRET");
	cred_prepare();
	assert_null(getenv("BF_API_SECRET"));
#ifndef __SANITIZE_ADDRESS__
	for (size_t i = 0; i < sizeof SECRET - 1; i++)	/* wiped, not only unset */
		assert_int_equal(old[i], 0);
#else
	(void)old;
#endif
	assert_int_equal(getrlimit(RLIMIT_CORE, &rl), 0);
	assert_int_equal(rl.rlim_max, 0);
	assert_int_equal(umask(0), 077);
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
#endif
	for (int i = 0; i < 2; i++) {		/* and can still be loaded, again too */
		assert_int_equal(load(), 0);
		assert_string_equal(cred_key(c), KEY);
		assert_string_equal(sign(ORDER), "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9");
		cred_free(c);
	}
	cred_free(NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, keys_setup, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(hmac_gives_the_published_signatures),
		T(hmac_takes_secrets_about_and_above_a_block),
		T(ed25519_signs_as_the_rfc_says),
		T(rsa_signatures_verify),
		T(a_bad_file_is_refused_with_reason_and_mend),
		T(a_credential_of_systemd_is_taken_from_its_directory_alone),
		T(a_file_that_does_not_make_sense_is_refused_by_line),
		T(a_private_key_of_the_wrong_kind_is_refused),
		T(a_profiles_own_file_has_its_key_among_other_lines),
		T(a_command_can_tell_the_secret),
		T(a_command_that_fails_is_a_key_fault),
		T(without_any_key_the_text_says_what_to_do),
		T(the_environments_secret_is_taken_out_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
