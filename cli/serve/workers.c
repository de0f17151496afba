// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The threads that answer requests. All exist before the sandbox, each with its own buffers, and
 * all read the one descriptor (no clone_fd: exactly one descriptor holds the connection).
 */
#include "serve.h"

#include <string.h>
#include <sys/mman.h>

#define WORKER_STACK (256u * 1024)
#define REQUEST_KEY_PAGE 4096u /* where the key of a resume arrives */
#define REQUEST_HEADERS 4096u /* what libfuse reserves in front of the data of a write */

struct worker {
	pthread_t thread;
	struct serve *serve;
	struct fuse_buf request;
	void *reply; /* SERVE_MAX_IO */
};

static struct worker workers[SERVE_WORKERS_MAX];
static unsigned int n_workers;
static _Thread_local struct worker *self;

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool gate_open;		 /* under gate */
static unsigned int gate_queue; /* under gate: workers that stand before it */

/*
 * Also on fewer processors: a worker waits for the container's medium with each request that the
 * page cache cannot answer, so their number is how many such waits there are at once.
 */
unsigned int serve_workers_wanted(void)
{
	return SERVE_WORKERS_MAX;
}

void *serve_reply_buffer(void)
{
	return self->reply;
}

static void gate_wait(void)
{
	pthread_mutex_lock(&gate);
	gate_queue++;
	pthread_cond_broadcast(&gate_changed);
	while (!gate_open)
		pthread_cond_wait(&gate_changed, &gate);
	pthread_mutex_unlock(&gate);
}

/* The C library sets a new thread up with system calls that the sandbox will not allow. */
static void gate_wait_for_queue(unsigned int n)
{
	pthread_mutex_lock(&gate);
	while (gate_queue < n)
		pthread_cond_wait(&gate_changed, &gate);
	pthread_mutex_unlock(&gate);
}

static void *worker_run(void *data)
{
	struct fuse_session *session;
	int r;

	self = data;
	session = self->serve->session;
	gate_wait();
	while (!fuse_session_exited(session)) {
		r = fuse_session_receive_buf(session, &self->request);
		if (r == -EINTR || r == -EAGAIN)
			continue;
		if (r <= 0)
			break; /* unmounted or aborted */
		fuse_session_process_buf(session, &self->request);
	}
	fuse_session_exit(session);
	if (atomic_fetch_sub(&self->serve->workers_running, 1) == 1)
		serve_wake(self->serve);
	return NULL;
}

static void *buffer_new(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* The kernel never hands out more than max_write and headers, whatever size libfuse asks with. */
static int worker_create(struct serve *s, struct worker *w, const pthread_attr_t *attr)
{
	w->serve = s;
	w->request.mem = buffer_new(SERVE_MAX_IO + REQUEST_HEADERS);
	w->reply = buffer_new(SERVE_MAX_IO);
	if (!w->request.mem || !w->reply)
		return -ENOMEM;
	/* For the moment that a key is there. Where this is refused, the pool mostly was before. */
	(void)mlock(w->request.mem, REQUEST_KEY_PAGE);
	(void)madvise(w->request.mem, SERVE_MAX_IO + REQUEST_HEADERS, MADV_DONTDUMP);
	return -pthread_create(&w->thread, attr, worker_run, w);
}

int serve_workers_create(struct serve *s, unsigned int n)
{
	pthread_attr_t attr;
	int r = 0;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, WORKER_STACK);
	while (n_workers < n && r == 0) {
		r = worker_create(s, &workers[n_workers], &attr);
		if (r == 0)
			n_workers++;
	}
	(void)pthread_attr_destroy(&attr);
	atomic_store(&s->workers_running, n_workers);
	gate_wait_for_queue(n_workers);
	return r == 0 ? 0 : cdisk_fail(&s->c, r, "no memory for the threads of the server");
}

void serve_workers_go(void)
{
	pthread_mutex_lock(&gate);
	gate_open = true;
	pthread_cond_broadcast(&gate_changed);
	pthread_mutex_unlock(&gate);
}

void serve_workers_join(void)
{
	while (n_workers > 0)
		(void)pthread_join(workers[--n_workers].thread, NULL);
}
