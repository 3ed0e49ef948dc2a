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
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "io/cred.h"
#include "scratch.h"

#define KEY	"dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
#define SECRET	"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
#define ORDER	"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC" \
		"&recvWindow=5000&timestamp=1591702613943"

static struct fault fault;
static struct profile p;
static struct cred *c;

static int
setup(void **state)
{
	unsetenv("BF_API_KEY");
	unsetenv("BF_API_SECRET");
	memset(&p, 0, sizeof p);
	strcpy(p.name, "demo");
	strcpy(p.conf_dir, "/etc/bf");
	if (scratch_make(state) == -1)
		return -1;
	snprintf(p.key_file, sizeof p.key_file, "%s/k", scratch);
	return 0;
}

static int
load(void)
{
	memset(&fault, 0, sizeof fault);
	return cred_load(&c, &p, &fault);
}

/* Loading fails with these words, and tells nothing of what the file holds. */
static void
refused(enum fault_kind kind, const char *words)
{
	assert_int_equal(load(), -1);
	assert_null(c);
	assert_int_equal(fault.kind, kind);
	if (strstr(fault.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, fault.text);
	assert_null(strstr(fault.text, "CANARY"));
	assert_null(strstr(fault.text, "2b5eb1"));
}

static char *
sign(const char *msg)
{
	static struct buf b;

	buf_reset(&b);
	assert_int_equal(cred_sign(c, msg, strlen(msg), &b, &fault), 0);
	return b.p;
}

static void
hmac_gives_the_published_signatures(void **state)
{
	static const struct { const char *secret, *msg, *sig; } row[] = {
		{ SECRET, ORDER, "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9" },
		{ "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
		    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
		    "&recvWindow=5000&timestamp=1499827319559",
		    "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71" },
		{ "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
		    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1"
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

static void
write_pem(const char *name, EVP_PKEY *k, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long n;

	assert_non_null(k);
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, k, cipher, "pw", cipher != NULL ? 2 : 0, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &pem);
	scratch_put(name, 0600, pem, (size_t)n);
	BIO_free(bio);
}

/* RFC 8032, 7.1, test 1. */
static EVP_PKEY *
ed25519_seed(void)
{
	static const unsigned char seed[32] = {
		0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
		0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
		0x1c, 0xae, 0x7f, 0x60
	};

	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
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
	cred_free(c);
}

/* Undo what a query needs, and let OpenSSL's other half judge. */
static int
verify(EVP_PKEY *k, const char *msg, const char *query_sig)
{
	unsigned char text[1024], sig[1024];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int n = 0, len, ok;
	unsigned ch;

	for (; *query_sig != '\0'; query_sig++) {
		ch = (unsigned char)*query_sig;
		if (ch == '%') {
			assert_int_equal(sscanf(query_sig + 1, "%2X", &ch), 1);
			query_sig += 2;
		} else
			assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", (int)ch));
		text[n++] = (unsigned char)ch;
	}
	len = EVP_DecodeBlock(sig, text, n);
	while (len > 0 && text[n - 1] == '=') {
		len--;
		n--;
	}
	ok = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, k) == 1 &&
	    EVP_DigestVerify(ctx, sig, (size_t)len, (const unsigned char *)msg, strlen(msg)) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static EVP_PKEY *
new_rsa(int bits)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *k = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits), 1);
	assert_int_equal(EVP_PKEY_keygen(ctx, &k), 1);
	EVP_PKEY_CTX_free(ctx);
	return k;
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
		{ "-----BEGIN PRIVATE KEY-----\nCANARY\n", "a PEM is no key file" },
		{ "key=CANARY\nsecret=-----BEGIN CANARY\n", "the secret is a PEM" },
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
	strcpy(p.own_file, p.key_file);
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
		strcpy(p.secret_cmd, cmds[i]);
		strcpy(p.api_key, KEY);
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
		strcpy(p.secret_cmd, row[i].cmd);
		strcpy(p.api_key, row[i].key);
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

#define T(f) cmocka_unit_test_setup_teardown(f, setup, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(hmac_gives_the_published_signatures),
		T(ed25519_signs_as_the_rfc_says),
		T(rsa_signatures_verify),
		T(a_bad_file_is_refused_with_reason_and_mend),
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
