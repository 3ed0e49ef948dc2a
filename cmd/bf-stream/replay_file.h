/* A recorded file, plain or compressed, as lines. */
#ifndef BF_STREAM_REPLAY_FILE_H
#define BF_STREAM_REPLAY_FILE_H

#include <stdbool.h>
#include <zlib.h>

#include "core/fault.h"
#include "io/lines.h"

struct rfile {
	const char	*name;		/* for people */
	int		 fd;
	bool		 file;		/* a regular one: reading does not wait */
	struct lines	 l;
	unsigned char	*in;		/* as read */
	bool		 begun, gz, member, more;
	bool		 eof;
	bool		 cut;		/* compressed data ended before their end */
	z_stream	 z;
};

/* path "-" is standard input. FAULT_USAGE: cannot be opened. On -1 too rfile_close. */
int rfile_open(struct rfile *r, const char *path, struct fault *f);
void rfile_close(struct rfile *r);
/* Bring more bytes to l, or set its eof; reads once at most (poll fd first if it is not a
 * file). FAULT_USAGE: damaged compressed data; FAULT_LOCAL. */
int rfile_fill(struct rfile *r, struct fault *f);
/* Whether rfile_fill would read. */
bool rfile_reads(const struct rfile *r);

#endif
