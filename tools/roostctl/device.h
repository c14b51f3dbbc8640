/* What the commands about a device share. */
#ifndef ROOSTCTL_DEVICE_H
#define ROOSTCTL_DEVICE_H

#include <store/device.h>
#include <tools/roostctl/ctl.h>

/* The device that ADDRESS DEVICEID, the first two words, name; says so where there is none. */
enum status ctl_device(struct ctl *c, const struct args *args, struct account *ret_account, struct device *ret);

#endif
