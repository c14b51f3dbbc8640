/* Changes with the document of policies (MS-ASPROV 2.2.2.2 to 2.2.2.55), and with whether a phone has the right one. */
#include <gateway/activesync/policy.h>

/* 0: not in the document. */
static const uint16_t tags[POLICY_SETTINGS_MAX_] = {
	[POLICY_PASSWORD_ENABLED] = TAG_PROVISION_DEVICEPASSWORDENABLED,
	[POLICY_ALPHANUMERIC] = TAG_PROVISION_ALPHANUMERICDEVICEPASSWORDREQUIRED,
	[POLICY_RECOVERY] = TAG_PROVISION_PASSWORDRECOVERYENABLED,
	[POLICY_CARD_ENCRYPTION] = TAG_PROVISION_REQUIRESTORAGECARDENCRYPTION,
	[POLICY_ATTACHMENTS] = TAG_PROVISION_ATTACHMENTSENABLED,
	[POLICY_MIN_PASSWORD] = TAG_PROVISION_MINDEVICEPASSWORDLENGTH,
	[POLICY_INACTIVITY] = TAG_PROVISION_MAXINACTIVITYTIMEDEVICELOCK,
	[POLICY_FAILED_ATTEMPTS] = TAG_PROVISION_MAXDEVICEPASSWORDFAILEDATTEMPTS,
	[POLICY_MAX_ATTACHMENT] = TAG_PROVISION_MAXATTACHMENTSIZE,
	[POLICY_SIMPLE_PASSWORD] = TAG_PROVISION_ALLOWSIMPLEDEVICEPASSWORD,
	[POLICY_EXPIRATION] = TAG_PROVISION_DEVICEPASSWORDEXPIRATION,
	[POLICY_HISTORY] = TAG_PROVISION_DEVICEPASSWORDHISTORY,
	[POLICY_CARD] = TAG_PROVISION_ALLOWSTORAGECARD,
	[POLICY_CAMERA] = TAG_PROVISION_ALLOWCAMERA,
	[POLICY_ENCRYPTION] = TAG_PROVISION_REQUIREDEVICEENCRYPTION,
	[POLICY_UNSIGNED_APPS] = TAG_PROVISION_ALLOWUNSIGNEDAPPLICATIONS,
	[POLICY_UNSIGNED_PACKAGES] = TAG_PROVISION_ALLOWUNSIGNEDINSTALLATIONPACKAGES,
	[POLICY_COMPLEX] = TAG_PROVISION_MINDEVICEPASSWORDCOMPLEXCHARACTERS,
	[POLICY_WIFI] = TAG_PROVISION_ALLOWWIFI,
	[POLICY_TEXT_MESSAGING] = TAG_PROVISION_ALLOWTEXTMESSAGING,
	[POLICY_POP_IMAP] = TAG_PROVISION_ALLOWPOPIMAPEMAIL,
	[POLICY_BLUETOOTH] = TAG_PROVISION_ALLOWBLUETOOTH,
	[POLICY_IRDA] = TAG_PROVISION_ALLOWIRDA,
	[POLICY_ROAMING] = TAG_PROVISION_REQUIREMANUALSYNCWHENROAMING,
	[POLICY_DESKTOP_SYNC] = TAG_PROVISION_ALLOWDESKTOPSYNC,
	[POLICY_CALENDAR_AGE] = TAG_PROVISION_MAXCALENDARAGEFILTER,
	[POLICY_HTML] = TAG_PROVISION_ALLOWHTMLEMAIL,
	[POLICY_EMAIL_AGE] = TAG_PROVISION_MAXEMAILAGEFILTER,
	[POLICY_BODY_SIZE] = TAG_PROVISION_MAXEMAILBODYTRUNCATIONSIZE,
	[POLICY_HTML_SIZE] = TAG_PROVISION_MAXEMAILHTMLBODYTRUNCATIONSIZE,
	[POLICY_SIGNED] = TAG_PROVISION_REQUIRESIGNEDSMIMEMESSAGES,
	[POLICY_ENCRYPTED] = TAG_PROVISION_REQUIREENCRYPTEDSMIMEMESSAGES,
	[POLICY_SIGNED_ALGORITHM] = TAG_PROVISION_REQUIRESIGNEDSMIMEALGORITHM,
	[POLICY_ENCRYPTION_ALGORITHM] = TAG_PROVISION_REQUIREENCRYPTIONSMIMEALGORITHM,
	[POLICY_NEGOTIATION] = TAG_PROVISION_ALLOWSMIMEENCRYPTIONALGORITHMNEGOTIATION,
	[POLICY_SOFT_CERTS] = TAG_PROVISION_ALLOWSMIMESOFTCERTS,
	[POLICY_BROWSER] = TAG_PROVISION_ALLOWBROWSER,
	[POLICY_CONSUMER_EMAIL] = TAG_PROVISION_ALLOWCONSUMEREMAIL,
	[POLICY_REMOTE_DESKTOP] = TAG_PROVISION_ALLOWREMOTEDESKTOP,
	[POLICY_INTERNET_SHARING] = TAG_PROVISION_ALLOWINTERNETSHARING,
	[POLICY_UNAPPROVED_APPS] = TAG_PROVISION_UNAPPROVEDINROMAPPLICATIONLIST,
	[POLICY_APPROVED_APPS] = TAG_PROVISION_APPROVEDAPPLICATIONLIST,
};

struct str eas_policy_type(enum eas_version v)
{
	return v < EAS_12_0 ? EAS_POLICY_TYPE_WAP : EAS_POLICY_TYPE_WBXML; /* MS-ASPROV_R971 */
}

/* MS-ASPROV_R202, R409: each member is an element of its own. */
static void write_list(struct wbxml_writer *w, enum wbxml_tag list, enum wbxml_tag member, struct str value)
{
	struct str name;

	wbxml_open(w, list);
	while (value.n && str_cut(&value, ',', &name))
		wbxml_put_text(w, member, str_trim(name));
	wbxml_close(w, list);
}

static void write_setting(struct wbxml_writer *w, enum policy_setting which, struct str value)
{
	enum wbxml_tag tag = tags[which];

	if (policy_settings[which].type == POLICY_LIST)
		write_list(w, tag, TAG_PROVISION_APPLICATIONNAME, value);
	else if (policy_settings[which].type == POLICY_HASHES)
		write_list(w, tag, TAG_PROVISION_HASH, value);
	else
		wbxml_put_text(w, tag, value);
}

static bool is_list(enum policy_setting which)
{
	return policy_settings[which].type == POLICY_LIST || policy_settings[which].type == POLICY_HASHES;
}

/* An empty list is left out: of approved applications it would mean that there is none. */
static void write_document(struct wbxml_writer *w, const struct policy *p, enum eas_version v)
{
	wbxml_open(w, TAG_PROVISION_EASPROVISIONDOC);
	for (unsigned i = 0; i < POLICY_SETTINGS_MAX_; i++)
		if (tags[i] && wbxml_tag_in(tags[i], v) && !(is_list((enum policy_setting)i) && p->value[i].n == 0))
			write_setting(w, (enum policy_setting)i, p->value[i]);
	wbxml_close(w, TAG_PROVISION_EASPROVISIONDOC);
}

/* ---- 2.5: what Windows Mobile kept in its registry ---- */

enum {
	WAP_MAX_BYTES = 4096,
	WAP_PASSWORD_REQUIRED = 0, /* of security policy 4131; 1: not required */
	WAP_ANY_PASSWORD = 2,      /* of PasswordComplexity; 0: letters and digits */
	S_A_MINUTE = 60,
};
#define WAP_LASSD "HKLM\\Comm\\Security\\Policy\\LASSD"

static void wap_parm(struct buf *b, const char *name, int64_t value)
{
	buf_fmt(b, "<parm name=\"%s\" value=\"%lld\"/>", name, (long long)value);
}

static void wap_password(struct buf *b, const struct policy *p)
{
	int64_t idle_s = policy_number(p, POLICY_INACTIVITY, 0);

	buf_cstr(b, "<characteristic type=\"Registry\">"
		    "<characteristic type=\"" WAP_LASSD "\\AE\\{50C13377-C66D-400C-889E-C316FC4AB374}\">");
	wap_parm(b, "AEFrequencyType", idle_s > 0);
	wap_parm(b, "AEFrequencyValue", (idle_s + S_A_MINUTE - 1) / S_A_MINUTE);
	buf_cstr(b, "</characteristic><characteristic type=\"" WAP_LASSD "\">");
	wap_parm(b, "DeviceWipeThreshold", policy_number(p, POLICY_FAILED_ATTEMPTS, -1));
	buf_cstr(b, "</characteristic><characteristic type=\"" WAP_LASSD "\\LAP\\lap_pw\">");
	wap_parm(b, "MinimumPasswordLength", policy_number(p, POLICY_MIN_PASSWORD, 1));
	wap_parm(b, "PasswordComplexity", policy_bool(p, POLICY_ALPHANUMERIC) ? 0 : WAP_ANY_PASSWORD);
	buf_cstr(b, "</characteristic></characteristic>");
}

static void write_wap(struct wbxml_writer *w, const struct policy *p)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(WAP_MAX_BYTES);
	bool password = policy_bool(p, POLICY_PASSWORD_ENABLED);

	buf_cstr(&b, "<wap-provisioningdoc><characteristic type=\"SecurityPolicy\">");
	wap_parm(&b, "4131", password ? WAP_PASSWORD_REQUIRED : 1);
	buf_cstr(&b, "</characteristic>");
	if (password)
		wap_password(&b, p);
	buf_cstr(&b, "</wap-provisioningdoc>");
	wbxml_text_piece(w, buf_view(&b));
}

void eas_policy_write(struct wbxml_writer *w, const struct policy *p, enum eas_version v)
{
	if (v < EAS_12_0) {
		wbxml_text_begin(w, TAG_PROVISION_DATA);
		write_wap(w, p);
		wbxml_text_end(w, TAG_PROVISION_DATA);
		return;
	}
	wbxml_open(w, TAG_PROVISION_DATA);
	write_document(w, p, v);
	wbxml_close(w, TAG_PROVISION_DATA);
}

/* ---- whether the phone has it ---- */

enum { MS_AN_HOUR = 3600 * 1000 };

bool eas_policy_outdated(const struct policy *p, const struct device *d, enum eas_version v, int64_t now_ms)
{
	unsigned had = d->policy.protocol, now = eas_version_number(v);
	int64_t hours = policy_number(p, POLICY_REFRESH, 0);

	if (hours > 0 && now_ms - d->policy_acknowledged_ms >= hours * MS_AN_HOUR)
		return true;
	if (policy_document(p, had) != d->policy.document)
		return true;
	/* It speaks a later version now, which is told more. An earlier one is told a part of what it has. */
	return now > had && policy_document(p, now) != d->policy.document;
}
