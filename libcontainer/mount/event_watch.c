// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything that can wake a listener up, behind one descriptor. Which of them it was does not matter:
 * a listener that is awake looks at everything. Nothing here fires while nothing happens.
 */
#include "mount/event.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include "backend/kmod_ring.h"
#include "backend/server.h"
#include "base/process.h"

#define PROCESSES_MAX 256
#define KERNEL_UEVENTS 1 /* group of the kernel's own, not of udevd's */
#define DIR_EVENTS (IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
#define PARENT_EVENTS (IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)

static int add(struct cdisk_event_watch *w, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

/* The directory, or the nearest above it that exists. 1 = watched anew. */
static int directory_watch(struct cdisk_event_watch *w, const char *dir)
{
	char path[CDISK_PATH_SIZE];
	bool direct = true;
	struct stat st;
	int watched;

	if (strlen(dir) >= sizeof(path))
		return -ENAMETOOLONG;
	memcpy(path, dir, strlen(dir) + 1);
	while (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return -ENOENT;
		direct = false;
		slash[slash == path] = '\0';
	}
	if (w->watched >= 0 && w->ino == st.st_ino)
		return 0;
	watched = inotify_add_watch(w->inotify, path, direct ? DIR_EVENTS : PARENT_EVENTS);
	if (watched < 0)
		return -errno;
	if (w->watched >= 0 && w->watched != watched)
		(void)inotify_rm_watch(w->inotify, w->watched);
	w->watched = watched;
	w->ino = st.st_ino;
	return 1;
}

int cdisk_event_watch_init(struct cdisk_event_watch *w, const char *dir)
{
	int r;

	*w = (struct cdisk_event_watch){.inotify = -1, .mounts = -1, .ring = -1, .uevents = -1,
		.timer = -1, .watched = -1};
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	w->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (w->epoll < 0 || w->inotify < 0 || w->timer < 0 || w->mounts < 0)
		return -errno;
	/* Root's, unless an administrator has opened it to others. */
	w->ring = cdisk_kmod_ring_open();
	r = add(w, w->inotify, EPOLLIN);
	if (r == 0)
		r = add(w, w->timer, EPOLLIN);
	if (r == 0)
		r = add(w, w->mounts, EPOLLPRI | EPOLLERR);
	if (r == 0 && w->ring >= 0)
		r = add(w, w->ring, EPOLLIN);
	return r < 0 ? r : cdisk_event_watch_drain(w, dir);
}

static void processes_forget(struct cdisk_event_watch *w)
{
	for (size_t i = 0; i < w->n_pids; i++)
		cdisk_close(&w->pidfds[i]);
	cdisk_cleanup_free(&w->pids);
	cdisk_cleanup_free(&w->pidfds);
	w->pids = w->pidfds = NULL;
	w->n_pids = 0;
}

void cdisk_event_watch_done(struct cdisk_event_watch *w)
{
	processes_forget(w);
	cdisk_close(&w->uevents);
	cdisk_close(&w->ring);
	cdisk_close(&w->mounts);
	cdisk_close(&w->timer);
	cdisk_close(&w->inotify);
	cdisk_close(&w->epoll);
}

static void empty(int fd)
{
	char buf[8192];

	while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0)
		;
}

/* What else the ring tells, sysfs shows as well. */
static void ring_take(struct cdisk_event_watch *w)
{
	uint64_t failed[CDISK_EVENT_ERRORS];
	size_t n = w->ring < 0 ? 0 : cdisk_kmod_ring_errors(w->ring, failed, CDISK_EVENT_ERRORS);

	for (size_t i = 0; i < n; i++)
		w->errors[w->n_errors++ % CDISK_EVENT_ERRORS] = failed[i];
}

bool cdisk_event_watch_failed(const struct cdisk_event_watch *w, uint64_t generation)
{
	for (size_t i = 0; i < CDISK_EVENT_ERRORS && i < w->n_errors; i++)
		if (generation && w->errors[i] == generation)
			return true;
	return false;
}

/* An ended process stays readable for ever. */
static void process_drop(struct cdisk_event_watch *w, int fd)
{
	for (size_t i = 0; i < w->n_pids; i++) {
		if (w->pidfds[i] != fd)
			continue;
		cdisk_close(&w->pidfds[i]);
		w->n_pids--;
		w->pids[i] = w->pids[w->n_pids];
		w->pidfds[i] = w->pidfds[w->n_pids];
		return;
	}
}

int cdisk_event_watch_drain(struct cdisk_event_watch *w, const char *dir)
{
	struct epoll_event events[16];
	int n, r;

	n = epoll_wait(w->epoll, events, CDISK_ARRAY_SIZE(events), 0);
	for (int i = 0; i < n; i++)
		process_drop(w, events[i].data.fd);
	empty(w->inotify);
	empty(w->timer);
	ring_take(w);
	empty(w->uevents);
	/* It may appear between the look and the watch: looked at until nothing is new. */
	do
		r = directory_watch(w, dir);
	while (r > 0);
	return r;
}

static void process_add(struct cdisk_event_watch *w, int32_t pid, uint64_t start)
{
	_cleanup_close_ int fd = -1;
	int32_t *pids, *pidfds;

	for (size_t i = 0; i < w->n_pids; i++)
		if (w->pids[i] == pid)
			return;
	/* One that has ended, and was not waited for yet, would wake us up for ever. */
	if (w->n_pids >= PROCESSES_MAX || cdisk_process_look(pid, start) == CDISK_PROCESS_GONE ||
		cdisk_process_pidfd(pid, start, &fd) < 0)
		return;
	pids = realloc(w->pids, (w->n_pids + 1) * sizeof(*pids));
	if (pids)
		w->pids = pids;
	pidfds = pids ? realloc(w->pidfds, (w->n_pids + 1) * sizeof(*pidfds)) : NULL;
	if (!pidfds)
		return;
	w->pidfds = pidfds;
	if (add(w, fd, EPOLLIN) < 0)
		return;
	w->pids[w->n_pids] = pid;
	w->pidfds[w->n_pids++] = cdisk_steal_fd(&fd);
}

void cdisk_event_watch_processes(struct cdisk_event_watch *w, const struct cdisk_event_live *live)
{
	for (size_t i = 0; i < live->n; i++) {
		const struct cdisk_event_live_entry *entry = &live->entries[i];

		if (!entry->line)
			continue;
		process_add(w, entry->pid, entry->pid_start);
		if (cdisk_event_in_progress(entry))
			process_add(w, entry->line->by, entry->line->by_start);
	}
}

void cdisk_event_watch_devices(struct cdisk_event_watch *w)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_UEVENTS};

	if (w->uevents >= 0)
		return;
	w->uevents = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (w->uevents < 0)
		return;
	if (bind(w->uevents, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		add(w, w->uevents, EPOLLIN) < 0)
		cdisk_close(&w->uevents);
}

void cdisk_event_watch_again(struct cdisk_event_watch *w, unsigned int ms)
{
	const struct itimerspec when = {
		.it_value = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}};

	(void)timerfd_settime(w->timer, 0, &when, NULL);
}
