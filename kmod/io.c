// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of a disk become calls of its backing, in a thread for each hardware queue.
 *
 * Threads, not a work queue: one that serves memory reclaim may not wait for a work queue that does
 * not, as a backing file system does when it is nearly full, and one that does not serve it may
 * find no worker when memory is short.
 */
#include <linux/cred.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/uio.h>

#include "disk.h"

#define FEW_VECTORS 8

struct command {
	struct llist_node node;
	struct kiocb iocb;
	struct bio_vec *vectors;
	atomic_t owners; /* who submits it and who completes it */
	long result;
	struct bio_vec few[FEW_VECTORS];
};

size_t cdisk_io_request_size(void)
{
	return sizeof(struct command);
}

static bool is_transfer(const struct request *rq)
{
	return req_op(rq) == REQ_OP_READ || req_op(rq) == REQ_OP_WRITE;
}

static loff_t backing_position(const struct cdisk_disk *disk, const struct request *rq)
{
	return (loff_t)disk->as.offset + ((loff_t)blk_rq_pos(rq) << SECTOR_SHIFT);
}

static void count_error(struct cdisk_disk *disk, const struct request *rq)
{
	unsigned long irq;

	xa_lock_irqsave(&cdisk_disks, irq);
	if (!disk->io_errors++) {
		disk->first_error[0] = (__force u32)req_op(rq);
		disk->first_error[1] = blk_rq_pos(rq);
		if (disk->state != CDISK_ADDING)
			cdisk_event_emit(disk, CRYPTDISK_EV_IO_ERROR, CRYPTDISK_EV_BY_KERNEL,
				disk->first_error[0], disk->first_error[1]);
	}
	xa_unlock_irqrestore(&cdisk_disks, irq);
}

static void request_complete(struct request *rq)
{
	struct command *command = blk_mq_rq_to_pdu(rq);
	blk_status_t status = BLK_STS_OK;

	if (command->result < 0) {
		status = errno_to_blk_status(command->result);
	} else if (is_transfer(rq) && command->result != blk_rq_bytes(rq)) {
		/* Short: the tail once more, from a whole sector, since a request counts in these. */
		long done = round_down(command->result, SECTOR_SIZE);

		if (done) {
			blk_update_request(rq, BLK_STS_OK, done);
			blk_mq_requeue_request(rq, true);
			return;
		}
		status = BLK_STS_IOERR; /* the backing became shorter */
	}
	if (status != BLK_STS_OK && status != BLK_STS_NOTSUPP)
		count_error(rq->q->queuedata, rq);
	blk_mq_end_request(rq, status);
}

static void command_end(struct command *command, long result)
{
	command->result = result;
	blk_mq_complete_request(blk_mq_rq_from_pdu(command));
}

static void command_put(struct command *command)
{
	struct request *rq = blk_mq_rq_from_pdu(command);

	if (!atomic_dec_and_test(&command->owners))
		return;
	if (command->vectors != command->few)
		kfree(command->vectors);
	if (req_op(rq) == REQ_OP_WRITE)
		cdisk_write_end(command->iocb.ki_filp);
	command_end(command, command->result);
}

static void transfer_done(struct kiocb *iocb, long result)
{
	struct command *command = container_of(iocb, struct command, iocb);

	command->result = result;
	command_put(command);
}

static unsigned int collect_vectors(struct command *command, struct request *rq)
{
	struct req_iterator iter;
	struct bio_vec vector;
	unsigned int n = 0;

	rq_for_each_bvec(vector, rq, iter)
		n++;
	command->vectors = command->few;
	if (n > FEW_VECTORS)
		command->vectors = kmalloc_array(n, sizeof(vector), GFP_NOIO);
	if (!command->vectors)
		return 0;
	n = 0;
	rq_for_each_bvec(vector, rq, iter)
		command->vectors[n++] = vector;
	return n;
}

static void transfer(struct cdisk_disk *disk, struct command *command, struct request *rq)
{
	const struct file_operations *call = disk->file->f_op;
	bool write = req_op(rq) == REQ_OP_WRITE;
	struct kiocb *iocb = &command->iocb;
	struct iov_iter iter;
	unsigned int n;
	long result;

	*iocb = (struct kiocb){
		.ki_filp = disk->file,
		.ki_pos = backing_position(disk, rq),
		.ki_ioprio = req_get_ioprio(rq),
	};
	n = collect_vectors(command, rq);
	if (!n)
		return command_end(command, -ENOMEM);
	iov_iter_bvec(
		&iter, write ? ITER_SOURCE : ITER_DEST, command->vectors, n, blk_rq_bytes(rq));
	if (disk->as.flags & CRYPTDISK_F_DIRECT) {
		iocb->ki_flags |= IOCB_DIRECT;
		iocb->ki_complete = transfer_done;
	}
	if (write)
		iocb->ki_flags |= IOCB_WRITE; /* overlayfs ends its freeze protection by it */
	if (write && (rq->cmd_flags & REQ_FUA))
		iocb->ki_flags |= IOCB_DSYNC;
	atomic_set(&command->owners, 2);
	if (write) {
		cdisk_write_begin(disk->file);
		result = call->write_iter(iocb, &iter);
	} else {
		result = call->read_iter(iocb, &iter);
	}
	if (result != -EIOCBQUEUED)
		transfer_done(iocb, result);
	command_put(command);
}

static long make_zeros(struct cdisk_disk *disk, struct request *rq, bool keep_space)
{
	const int modes[] = {FALLOC_FL_ZERO_RANGE, FALLOC_FL_PUNCH_HOLE}; /* a hole is zeros, too */
	long result = -EOPNOTSUPP;
	int i;

	for (i = !keep_space; i < 2 && result == -EOPNOTSUPP; i++)
		result = vfs_fallocate(disk->file, modes[i] | FALLOC_FL_KEEP_SIZE,
			backing_position(disk, rq), blk_rq_bytes(rq));
	return result;
}

static void request_handle(struct cdisk_disk *disk, struct request *rq)
{
	struct command *command = blk_mq_rq_to_pdu(rq);

	if (op_is_write(req_op(rq)) && (disk->as.flags & CRYPTDISK_F_RDONLY))
		return command_end(command, -EROFS);
	/* A backing that was cut is not made longer again, with a hole where data was. */
	if (op_is_write(req_op(rq)) && backing_position(disk, rq) + blk_rq_bytes(rq) >
			i_size_read(disk->file->f_mapping->host))
		return command_end(command, -EIO);
	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return transfer(disk, command, rq);
	case REQ_OP_FLUSH:
		return command_end(command, vfs_fsync(disk->file, 1));
	case REQ_OP_DISCARD:
		return command_end(command, make_zeros(disk, rq, false));
	case REQ_OP_WRITE_ZEROES:
		return command_end(command, make_zeros(disk, rq, rq->cmd_flags & REQ_NOUNMAP));
	default:
		return command_end(command, -EOPNOTSUPP);
	}
}

/* With the rights of who opened the file; memory is never reclaimed through this disk. */
static int queue_run(void *data)
{
	struct cdisk_queue *queue = data;
	const struct cred *own = override_creds(queue->disk->file->f_cred);
	struct command *command, *next;

	memalloc_noio_save();
	current->flags |= PF_LOCAL_THROTTLE;
	while (!kthread_should_stop()) {
		struct llist_node *list = llist_reverse_order(llist_del_all(&queue->requests));

		llist_for_each_entry_safe(command, next, list, node) {
			request_handle(queue->disk, blk_mq_rq_from_pdu(command));
			cond_resched();
		}
		set_current_state(TASK_IDLE);
		if (llist_empty(&queue->requests) && !kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	revert_creds(own);
	return 0;
}

static void queue_commit(struct blk_mq_hw_ctx *hctx)
{
	struct cdisk_queue *queue = hctx->driver_data;

	wake_up_process(queue->thread);
}

static blk_status_t queue_request(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *data)
{
	struct cdisk_queue *queue = hctx->driver_data;
	struct command *command = blk_mq_rq_to_pdu(data->rq);

	blk_mq_start_request(data->rq);
	llist_add(&command->node, &queue->requests);
	if (data->last)
		wake_up_process(queue->thread);
	return BLK_STS_OK;
}

static int queue_init(struct blk_mq_hw_ctx *hctx, void *data, unsigned int i)
{
	struct cdisk_disk *disk = data;

	hctx->driver_data = &disk->queues[i];
	return 0;
}

const struct blk_mq_ops cdisk_io_operations = {
	.queue_rq = queue_request,
	.commit_rqs = queue_commit,
	.complete = request_complete,
	.init_hctx = queue_init,
};

int cdisk_io_start(struct cdisk_disk *disk)
{
	struct cdisk_queue *queue;
	struct task_struct *thread;
	u32 i;

	for (i = 0; i < disk->as.queues; i++) {
		queue = &disk->queues[i];
		queue->disk = disk;
		thread = kthread_run(queue_run, queue, "cryptdisk%u/%u", disk->as.index, i);
		if (IS_ERR(thread))
			return PTR_ERR(thread);
		queue->thread = thread;
	}
	return 0;
}

/* After the last request; also when not all threads were started. */
void cdisk_io_stop(struct cdisk_disk *disk)
{
	u32 i;

	for (i = 0; i < disk->as.queues; i++)
		if (disk->queues[i].thread)
			kthread_stop(disk->queues[i].thread);
}
