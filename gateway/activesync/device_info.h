/* What a phone tells of itself: DeviceInformation of Provision (MS-ASPROV 2.2.2.53, MS-ASCMD 2.2.3.45). Pure. */
#ifndef GATEWAY_ACTIVESYNC_DEVICE_INFO_H
#define GATEWAY_ACTIVESYNC_DEVICE_INFO_H

#include <store/device.h>
#include <wbxml/wbxml.h>

/*
 * Just behind the START of DeviceInformation. What it does not know it passes over; absent values keep .p NULL, others
 * borrow from the document. ERR_INVALID: another shape. ERR_LIMIT: a value above
 * EAS_MAX_DEVICE_INFORMATION_CHARS, or another EnableOutboundSMS than 0 and 1; the document can be read on.
 */
enum err eas_device_info_parse(struct wbxml_reader *r, struct device_info *ret) MUST_CHECK;

#endif
