// SPDX-License-Identifier: GPL-2.0-only
/*
 * What everybody may know of a disk: attributes and change events. Never a path.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "disk.h"

#define CDISK_ATTRIBUTE(name, format, value)                                             \
	static ssize_t name##_show(                                                      \
		struct device *device, struct device_attribute *attribute, char *buffer) \
	{                                                                                \
		const struct cdisk_disk *disk = dev_to_disk(device)->private_data;       \
                                                                                         \
		return sysfs_emit(buffer, format "\n", value);                           \
	}                                                                                \
	static DEVICE_ATTR_RO(name)

CDISK_ATTRIBUTE(volume_id, "%pU", disk->as.volume_id);
CDISK_ATTRIBUTE(label, "%s", disk->as.label);
CDISK_ATTRIBUTE(generation, "%llu", disk->as.generation);
CDISK_ATTRIBUTE(duplicate, "%d", !!(disk->as.flags & CRYPTDISK_F_DUP_ID));
CDISK_ATTRIBUTE(autoclear, "%d", !!(disk->as.flags & CRYPTDISK_F_AUTOCLEAR));
CDISK_ATTRIBUTE(mounted, "%d", READ_ONCE(disk->mounted));
CDISK_ATTRIBUTE(io_errors, "%llu", READ_ONCE(disk->io_errors));

static struct attribute *attributes[] = {
	&dev_attr_volume_id.attr,
	&dev_attr_label.attr,
	&dev_attr_generation.attr,
	&dev_attr_duplicate.attr,
	&dev_attr_autoclear.attr,
	&dev_attr_mounted.attr,
	&dev_attr_io_errors.attr,
	NULL,
};

static const struct attribute_group group = {
	.name = "cryptdisk",
	.attrs = attributes,
};

const struct attribute_group *cdisk_sysfs_groups[] = {&group, NULL};

/* The caller sees to it that the disk is not deleted meanwhile. */
void cdisk_sysfs_change(struct cdisk_disk *disk, const char *event)
{
	char what[48], id[64];
	char *variables[] = {what, id, NULL};

	snprintf(what, sizeof(what), "CRYPTDISK_EVENT=%s", event);
	snprintf(id, sizeof(id), "CRYPTDISK_VOLUME_ID=%pU", disk->as.volume_id);
	kobject_uevent_env(&disk_to_dev(disk->gendisk)->kobj, KOBJ_CHANGE, variables);
}
