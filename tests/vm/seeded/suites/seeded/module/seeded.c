// SPDX-License-Identifier: GPL-2.0-only
/* Does one thing wrong when it is loaded, so that a verifying kernel can be seen to notice. */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *bug = "";
module_param(bug, charp, 0444);

static void overrun(void)
{
	char *volatile p = kmalloc(32, GFP_KERNEL);

	if (p)
		p[33] = 1;
	kfree(p);
}

static void use_after_free(void)
{
	char *volatile p = kmalloc(32, GFP_KERNEL);

	kfree(p);
	if (p)
		p[3] = 1;
}

static void leak(void)
{
	char *volatile p = kmalloc(777, GFP_KERNEL);

	if (p)
		p[0] = 1;
	p = NULL;
}

static void inversion(void)
{
	static DEFINE_MUTEX(a);
	static DEFINE_MUTEX(b);

	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static void sleep_under_spinlock(void)
{
	static DEFINE_SPINLOCK(lock);
	void *p;

	spin_lock(&lock);
	p = kmalloc(64, GFP_KERNEL);
	spin_unlock(&lock);
	kfree(p);
}

static void warning(void)
{
	WARN_ON(bug);
}

static const struct {
	const char *name;
	void (*does)(void);
} bugs[] = {
	{"overrun", overrun},
	{"use_after_free", use_after_free},
	{"leak", leak},
	{"inversion", inversion},
	{"sleep", sleep_under_spinlock},
	{"warning", warning},
};

static int __init seeded_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (!strcmp(bugs[i].name, bug)) {
			bugs[i].does();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit seeded_exit(void)
{
}

module_init(seeded_init);
module_exit(seeded_exit);
MODULE_DESCRIPTION("Seeded bugs");
MODULE_LICENSE("GPL");
