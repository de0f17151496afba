// SPDX-License-Identifier: GPL-2.0-only
/* The control node: who may ask, and how a request is copied in and out. */
#include <linux/capability.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "disk.h"

union arguments {
	u32 size;
	struct cryptdisk_attach attach;
	struct cryptdisk_target target;
	struct cryptdisk_status status;
	struct cryptdisk_resize resize;
	struct cryptdisk_note note;
	struct cryptdisk_list list;
};

static const struct {
	u32 size, size_v1;
	bool changes, replies;
} requests[] = {
	[_IOC_NR(CRYPTDISK_IOC_ATTACH)] = {sizeof(struct cryptdisk_attach), 136, true, true},
	[_IOC_NR(CRYPTDISK_IOC_DETACH)] = {sizeof(struct cryptdisk_target), 24, true, false},
	[_IOC_NR(CRYPTDISK_IOC_STATUS)] = {sizeof(struct cryptdisk_status), 160, false, true},
	[_IOC_NR(CRYPTDISK_IOC_RESIZE)] = {sizeof(struct cryptdisk_resize), 24, true, false},
	[_IOC_NR(CRYPTDISK_IOC_NOTE)] = {sizeof(struct cryptdisk_note), 40, true, false},
	[_IOC_NR(CRYPTDISK_IOC_LIST)] = {sizeof(struct cryptdisk_list), 16, false, true},
};
static_assert(sizeof(struct cryptdisk_attach) == 136);
static_assert(sizeof(struct cryptdisk_target) == 24);
static_assert(sizeof(struct cryptdisk_status) == 160);
static_assert(sizeof(struct cryptdisk_resize) == 24);
static_assert(sizeof(struct cryptdisk_note) == 40);
static_assert(sizeof(struct cryptdisk_list) == 16);
static_assert(sizeof(struct cryptdisk_event) == 104);

static int control_open(struct inode *inode, struct file *file)
{
	file->private_data = cdisk_reader_new();
	return file->private_data ? nonseekable_open(inode, file) : -ENOMEM;
}

static int control_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static int request_run(unsigned int nr, union arguments *arguments)
{
	switch (nr) {
	case _IOC_NR(CRYPTDISK_IOC_ATTACH):
		return cdisk_disk_attach(&arguments->attach);
	case _IOC_NR(CRYPTDISK_IOC_DETACH):
		return cdisk_request_detach(&arguments->target);
	case _IOC_NR(CRYPTDISK_IOC_STATUS):
		return cdisk_request_status(&arguments->status);
	case _IOC_NR(CRYPTDISK_IOC_RESIZE):
		return cdisk_request_resize(&arguments->resize);
	case _IOC_NR(CRYPTDISK_IOC_NOTE):
		return cdisk_request_note(&arguments->note);
	default:
		return cdisk_request_list(&arguments->list);
	}
}

/* A disk that its owner cannot know of goes again. By force: udev may have it open. */
static void reply_failed(unsigned int nr, const struct cryptdisk_attach *attached)
{
	const struct cryptdisk_target target = {
		.index = attached->index,
		.generation = attached->generation,
		.flags = CRYPTDISK_DETACH_FORCE,
	};

	if (nr == _IOC_NR(CRYPTDISK_IOC_ATTACH))
		cdisk_request_detach(&target);
}

static int request_copied(unsigned int nr, void __user *user)
{
	u32 known = requests[nr].size, size;
	union arguments arguments;
	int err;

	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < requests[nr].size_v1 || size > PAGE_SIZE)
		return -EINVAL;
	err = copy_struct_from_user(&arguments, known, user, size);
	if (err)
		return err;
	arguments.size = size; /* whatever another thread wrote there meanwhile */
	err = request_run(nr, &arguments);
	if (err || !requests[nr].replies)
		return err;
	if (!copy_to_user(user, &arguments, min(size, known)))
		return 0;
	reply_failed(nr, &arguments.attach);
	return -EFAULT;
}

static int reader_select(struct cdisk_reader *reader, const u64 __user *user)
{
	u64 mask;

	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
	cdisk_reader_select(reader, mask);
	return 0;
}

/* By type and number only: the other bits of cmd are the size of the caller's struct. */
static long control_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	unsigned int nr = _IOC_NR(cmd);
	void __user *user = (void __user *)arg;

	if (_IOC_TYPE(cmd) != CRYPTDISK_IOC)
		return -ENOTTY;
	if (nr == _IOC_NR(CRYPTDISK_IOC_ABI))
		return CRYPTDISK_ABI;
	if (nr == _IOC_NR(CRYPTDISK_IOC_EVMASK))
		return reader_select(file->private_data, user);
	if (nr >= ARRAY_SIZE(requests))
		return -ENOTTY;
	if (requests[nr].changes && (!(file->f_mode & FMODE_WRITE) || !capable(CAP_SYS_ADMIN)))
		return -EPERM;
	return request_copied(nr, user);
}

static const struct file_operations control_operations = {
	.owner = THIS_MODULE,
	.open = control_open,
	.release = control_release,
	.read = cdisk_event_read,
	.poll = cdisk_event_poll,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "cryptdisk-control",
	.mode = 0600,
	.fops = &control_operations,
};

static int __init control_init(void)
{
	int err = cdisk_disk_init();

	if (err)
		return err;
	err = misc_register(&control);
	if (err)
		cdisk_disk_exit();
	return err;
}

static void __exit control_exit(void)
{
	misc_deregister(&control);
	cdisk_disk_exit();
}

module_init(control_init);
module_exit(control_exit);
MODULE_DESCRIPTION("Block device over an open file, with a stable volume ID and events");
MODULE_LICENSE("GPL");
MODULE_VERSION(CDISK_VERSION);
