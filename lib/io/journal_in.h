/* The journal's inside: journal.c opens, journal_write.c appends, journal_read.c reads. */
#ifndef BF_IO_JOURNAL_IN_H
#define BF_IO_JOURNAL_IN_H

#include <sys/stat.h>

#include "core/scan.h"
#include "io/journal.h"
#include "io/lines.h"

#define DAY_MS		86400000
#define CRC_LEN		18	/* ,"crc":"12345678"} */
#define PATH_ROOM	768

/* What others have put into a file: the names of their intents, up to a place. */
struct known {
	dev_t	dev;
	ino_t	ino;		/* 0: of no file */
	off_t	at;		/* up to here; what follows was added by others */
	void   *ids;		/* tsearch */
};

struct journal {
	char		dir[512];	/* by day: the directory; else that of path */
	char		path[PATH_ROOM];	/* the file that is or was open */
	bool		by_day;
	int64_t		day;		/* of the open file, days since 1970; by_day only */
	int		fd;		/* -1: none open */
	struct stat	st;		/* of it, as it was opened */
	off_t		ended;		/* where a whole line of ours ended last; 0: none yet */
	bool		no_sync;
	int		lock_ms;	/* how long to wait for the lock */
	struct known	known[2];	/* two files: about midnight orders go to both */
	int		newest;		/* which of them was made last */
	bool		walked;		/* it was walked once */
	struct buf	line;		/* a newline, and the lines to write */
	struct scan	doc;
	struct lines	in;		/* what others added */
	void	       (*tell)(void *arg, const char *sentence);
	void	       *arg;
};

/* The end of a line: its checksum. line: n bytes. */
void journal_seal(char out[static CRC_LEN + 1], const char *line, size_t n);

int64_t journal_day(int64_t ms);
void journal_day_path(const struct journal *j, int64_t day, char out[static PATH_ROOM]);
/* FAULT_LOCAL of errno. */
int journal_local(const char *path, const char *what, struct fault *f);
/* A regular file of the user's that nobody else may use; else FAULT_LOCAL. */
int journal_check(const char *path, int fd, struct stat *st, struct fault *f);
/* The file of that day is open after it, the one of another day closed. */
int journal_open_day(struct journal *j, int64_t day, struct fault *f);
void journal_close_file(struct journal *j);
/* LOCK_EX or LOCK_SH, within j->lock_ms. */
int journal_lock(const struct journal *j, int fd, int how, const char *path, struct fault *f);
void journal_unlock(int fd);

/* What is known of the file st is of; NULL: nothing. */
struct known *journal_known(struct journal *j, const struct stat *st);
/* Read what others added to it since, with its lock held. */
int journal_learn(struct journal *j, int fd, const struct stat *st, const char *path, struct fault *f);
/* Whether another process has put an intent of that id. */
bool journal_taken(const struct journal *j, const char *id);
void journal_forget(struct journal *j);

#endif
