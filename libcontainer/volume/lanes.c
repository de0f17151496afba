// SPDX-License-Identifier: GPL-2.0-or-later
#include "volume/lanes.h"

#include <string.h>
#include <sys/mman.h>

#define LANE_BUFFERS (CDISK_LANE_CHUNK + CDISK_SECTOR_MAX)

static bool same_cipher(const struct cdisk_segment *a, const struct cdisk_segment *b)
{
	const struct cdisk_cipher_spec *x = &a->cipher, *y = &b->cipher;

	return a->key_offset == b->key_offset && x->chain_len == y->chain_len &&
	       memcmp(x->chain, y->chain, sizeof(x->chain)) == 0 && x->mode == y->mode &&
	       x->iv_rule == y->iv_rule && strcmp(x->iv_hash, y->iv_hash) == 0 &&
	       x->sector_size == y->sector_size && x->iv_unit == y->iv_unit &&
	       x->key_size == y->key_size;
}

/* Numbers the different ciphers; first[n] is the segment that n was found at. */
static void number_ciphers(struct cdisk_lanes *l, const struct cdisk_description *d,
	const struct cdisk_segment *first[CDISK_SEGMENTS_MAX])
{
	uint32_t i, n;

	for (i = 0; i < d->n_segments; i++) {
		if (d->segments[i].kind != CDISK_SEGMENT_CRYPT)
			continue;
		for (n = 0; n < l->n_ciphers; n++)
			if (same_cipher(first[n], &d->segments[i]))
				break;
		if (n == l->n_ciphers)
			first[l->n_ciphers++] = &d->segments[i];
		l->cipher_of[i] = (uint8_t)n;
	}
}

static void lane_free_ciphers(struct cdisk_lane *lane, unsigned int n)
{
	while (n > 0) {
		cdisk_cipher_free(lane->ciphers[--n]);
		lane->ciphers[n] = NULL;
	}
}

static int lane_new_ciphers(struct cdisk_lanes *l, struct cdisk_lane *lane,
	const struct cdisk_description *d, const struct cdisk_segment *const *first)
{
	unsigned int n;
	int r;

	for (n = 0; n < l->n_ciphers; n++) {
		const uint8_t *key = cdisk_secret_data(d->key);

		r = cdisk_cipher_new(&first[n]->cipher, key + first[n]->key_offset,
			&lane->ciphers[n]);
		if (r < 0) {
			lane_free_ciphers(lane, n);
			return r;
		}
	}
	return 0;
}

/* Buffers are populated here, not when a request first needs them. */
static int lanes_new_buffers(struct cdisk_lanes *l, unsigned int n_lanes)
{
	void *buffers = mmap(NULL, (size_t)n_lanes * LANE_BUFFERS, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	unsigned int i;

	if (buffers == MAP_FAILED)
		return -errno;
	l->buffers = buffers;
	for (i = 0; i < n_lanes; i++) {
		l->lanes[i].chunk = l->buffers + (size_t)i * LANE_BUFFERS;
		l->lanes[i].sector = l->lanes[i].chunk + CDISK_LANE_CHUNK;
	}
	return 0;
}

int cdisk_lanes_init(struct cdisk_lanes *l, const struct cdisk_description *d, unsigned int wanted)
{
	const struct cdisk_segment *first[CDISK_SEGMENTS_MAX] = {NULL};
	int r = 0;

	memset(l, 0, sizeof(*l));
	if (wanted < 1)
		wanted = 1;
	if (wanted > CDISK_LANES_MAX)
		wanted = CDISK_LANES_MAX;
	number_ciphers(l, d, first);
	while (l->n_lanes < wanted && r == 0) {
		r = lane_new_ciphers(l, &l->lanes[l->n_lanes], d, first);
		if (r == 0)
			l->n_lanes++;
	}
	/* A pool that is too small for all lanes makes the volume slower, not impossible. */
	if (r < 0 && (r != -ENOMEM || l->n_lanes == 0)) {
		cdisk_lanes_done(l);
		return r;
	}
	r = lanes_new_buffers(l, l->n_lanes);
	if (r < 0) {
		cdisk_lanes_done(l);
		return r;
	}
	(void)pthread_mutex_init(&l->mutex, NULL);
	(void)pthread_cond_init(&l->returned, NULL);
	for (wanted = 0; wanted < l->n_lanes; wanted++) {
		l->lanes[wanted].next_free = l->free;
		l->free = &l->lanes[wanted];
	}
	return 0;
}

void cdisk_lanes_done(struct cdisk_lanes *l)
{
	unsigned int i;

	for (i = 0; i < l->n_lanes; i++)
		lane_free_ciphers(&l->lanes[i], l->n_ciphers);
	if (l->buffers) {
		explicit_bzero(l->buffers, (size_t)l->n_lanes * LANE_BUFFERS);
		(void)munmap(l->buffers, (size_t)l->n_lanes * LANE_BUFFERS);
		(void)pthread_cond_destroy(&l->returned);
		(void)pthread_mutex_destroy(&l->mutex);
	}
	memset(l, 0, sizeof(*l));
}

void cdisk_lanes_wipe(struct cdisk_lanes *l)
{
	for (unsigned int i = 0; i < l->n_lanes; i++)
		lane_free_ciphers(&l->lanes[i], l->n_ciphers);
	explicit_bzero(l->buffers, (size_t)l->n_lanes * LANE_BUFFERS);
}

int cdisk_lanes_rekey(struct cdisk_lanes *l, const struct cdisk_description *d)
{
	const struct cdisk_segment *first[CDISK_SEGMENTS_MAX] = {NULL};
	unsigned int n = l->n_ciphers;
	int r = 0;

	l->n_ciphers = 0;
	number_ciphers(l, d, first);
	if (l->n_ciphers != n)
		return -EINVAL;
	for (n = 0; n < l->n_lanes && r == 0; n++)
		r = lane_new_ciphers(l, &l->lanes[n], d, first);
	if (r < 0)
		cdisk_lanes_wipe(l);
	return r;
}

struct cdisk_lane *cdisk_lane_borrow(struct cdisk_lanes *l)
{
	struct cdisk_lane *lane;

	pthread_mutex_lock(&l->mutex);
	while (!l->free)
		pthread_cond_wait(&l->returned, &l->mutex);
	lane = l->free;
	l->free = lane->next_free;
	pthread_mutex_unlock(&l->mutex);
	return lane;
}

void cdisk_lane_return(struct cdisk_lanes *l, struct cdisk_lane *lane)
{
	pthread_mutex_lock(&l->mutex);
	lane->next_free = l->free;
	l->free = lane;
	pthread_cond_signal(&l->returned);
	pthread_mutex_unlock(&l->mutex);
}
