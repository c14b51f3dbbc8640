/* Names for rules: zones of zoneinfo, and what Windows calls them. */
#include <gateway/content/timezone.h>

#include <pthread.h>

/*
 * One or more a set of rules, the best known first. Windows names are those of the Common Locale Data Repository; an empty
 * one is a zone whose rules Windows' own zones of that place have too.
 */
static const struct named_zone {
	struct str zone, windows;
} zones[] = {
	{ STR_INIT("Etc/UTC"), STR_INIT("UTC") },
	{ STR_INIT("Europe/London"), STR_INIT("GMT Standard Time") },
	{ STR_INIT("Europe/Berlin"), STR_INIT("W. Europe Standard Time") },
	{ STR_INIT("Europe/Paris"), STR_INIT("Romance Standard Time") },
	{ STR_INIT("Europe/Warsaw"), STR_INIT("Central European Standard Time") },
	{ STR_INIT("Europe/Budapest"), STR_INIT("Central Europe Standard Time") },
	{ STR_INIT("Europe/Athens"), STR_INIT("GTB Standard Time") },
	{ STR_INIT("Europe/Helsinki"), STR_INIT("FLE Standard Time") },
	{ STR_INIT("Europe/Kyiv"), STR_INIT("FLE Standard Time") },
	{ STR_INIT("Europe/Istanbul"), STR_INIT("Turkey Standard Time") },
	{ STR_INIT("Europe/Moscow"), STR_INIT("Russian Standard Time") },
	{ STR_INIT("Europe/Minsk"), STR_INIT("Belarus Standard Time") },
	{ STR_INIT("Europe/Kaliningrad"), STR_INIT("Kaliningrad Standard Time") },
	{ STR_INIT("Europe/Samara"), STR_INIT("Russia Time Zone 3") },
	{ STR_INIT("Europe/Chisinau"), STR_INIT("E. Europe Standard Time") },
	{ STR_INIT("Europe/Lisbon"), STR_INIT("") },
	{ STR_INIT("Europe/Dublin"), STR_INIT("") },
	{ STR_INIT("America/New_York"), STR_INIT("Eastern Standard Time") },
	{ STR_INIT("America/Chicago"), STR_INIT("Central Standard Time") },
	{ STR_INIT("America/Denver"), STR_INIT("Mountain Standard Time") },
	{ STR_INIT("America/Phoenix"), STR_INIT("US Mountain Standard Time") },
	{ STR_INIT("America/Los_Angeles"), STR_INIT("Pacific Standard Time") },
	{ STR_INIT("America/Anchorage"), STR_INIT("Alaskan Standard Time") },
	{ STR_INIT("Pacific/Honolulu"), STR_INIT("Hawaiian Standard Time") },
	{ STR_INIT("America/Halifax"), STR_INIT("Atlantic Standard Time") },
	{ STR_INIT("America/St_Johns"), STR_INIT("Newfoundland Standard Time") },
	{ STR_INIT("America/Regina"), STR_INIT("Canada Central Standard Time") },
	{ STR_INIT("America/Mexico_City"), STR_INIT("Central Standard Time (Mexico)") },
	{ STR_INIT("America/Guatemala"), STR_INIT("Central America Standard Time") },
	{ STR_INIT("America/Bogota"), STR_INIT("SA Pacific Standard Time") },
	{ STR_INIT("America/Caracas"), STR_INIT("Venezuela Standard Time") },
	{ STR_INIT("America/La_Paz"), STR_INIT("SA Western Standard Time") },
	{ STR_INIT("America/Santiago"), STR_INIT("Pacific SA Standard Time") },
	{ STR_INIT("America/Asuncion"), STR_INIT("Paraguay Standard Time") },
	{ STR_INIT("America/Sao_Paulo"), STR_INIT("E. South America Standard Time") },
	{ STR_INIT("America/Argentina/Buenos_Aires"), STR_INIT("Argentina Standard Time") },
	{ STR_INIT("America/Montevideo"), STR_INIT("Montevideo Standard Time") },
	{ STR_INIT("America/Nuuk"), STR_INIT("Greenland Standard Time") },
	{ STR_INIT("America/Havana"), STR_INIT("Cuba Standard Time") },
	{ STR_INIT("America/Port-au-Prince"), STR_INIT("Haiti Standard Time") },
	{ STR_INIT("America/Adak"), STR_INIT("Aleutian Standard Time") },
	{ STR_INIT("Atlantic/Azores"), STR_INIT("Azores Standard Time") },
	{ STR_INIT("Atlantic/Cape_Verde"), STR_INIT("Cape Verde Standard Time") },
	{ STR_INIT("Atlantic/Reykjavik"), STR_INIT("Greenwich Standard Time") },
	{ STR_INIT("Africa/Casablanca"), STR_INIT("Morocco Standard Time") },
	{ STR_INIT("Africa/Lagos"), STR_INIT("W. Central Africa Standard Time") },
	{ STR_INIT("Africa/Johannesburg"), STR_INIT("South Africa Standard Time") },
	{ STR_INIT("Africa/Cairo"), STR_INIT("Egypt Standard Time") },
	{ STR_INIT("Africa/Nairobi"), STR_INIT("E. Africa Standard Time") },
	{ STR_INIT("Asia/Jerusalem"), STR_INIT("Israel Standard Time") },
	{ STR_INIT("Asia/Beirut"), STR_INIT("Middle East Standard Time") },
	{ STR_INIT("Asia/Amman"), STR_INIT("Jordan Standard Time") },
	{ STR_INIT("Asia/Damascus"), STR_INIT("Syria Standard Time") },
	{ STR_INIT("Asia/Gaza"), STR_INIT("West Bank Standard Time") },
	{ STR_INIT("Asia/Riyadh"), STR_INIT("Arab Standard Time") },
	{ STR_INIT("Asia/Baghdad"), STR_INIT("Arabic Standard Time") },
	{ STR_INIT("Asia/Tehran"), STR_INIT("Iran Standard Time") },
	{ STR_INIT("Asia/Dubai"), STR_INIT("Arabian Standard Time") },
	{ STR_INIT("Asia/Baku"), STR_INIT("Azerbaijan Standard Time") },
	{ STR_INIT("Asia/Tbilisi"), STR_INIT("Georgian Standard Time") },
	{ STR_INIT("Asia/Yerevan"), STR_INIT("Caucasus Standard Time") },
	{ STR_INIT("Asia/Kabul"), STR_INIT("Afghanistan Standard Time") },
	{ STR_INIT("Asia/Karachi"), STR_INIT("Pakistan Standard Time") },
	{ STR_INIT("Asia/Tashkent"), STR_INIT("West Asia Standard Time") },
	{ STR_INIT("Asia/Yekaterinburg"), STR_INIT("Ekaterinburg Standard Time") },
	{ STR_INIT("Asia/Kolkata"), STR_INIT("India Standard Time") },
	{ STR_INIT("Asia/Colombo"), STR_INIT("Sri Lanka Standard Time") },
	{ STR_INIT("Asia/Kathmandu"), STR_INIT("Nepal Standard Time") },
	{ STR_INIT("Asia/Dhaka"), STR_INIT("Bangladesh Standard Time") },
	{ STR_INIT("Asia/Almaty"), STR_INIT("Central Asia Standard Time") },
	{ STR_INIT("Asia/Omsk"), STR_INIT("Omsk Standard Time") },
	{ STR_INIT("Asia/Yangon"), STR_INIT("Myanmar Standard Time") },
	{ STR_INIT("Asia/Bangkok"), STR_INIT("SE Asia Standard Time") },
	{ STR_INIT("Asia/Novosibirsk"), STR_INIT("N. Central Asia Standard Time") },
	{ STR_INIT("Asia/Krasnoyarsk"), STR_INIT("North Asia Standard Time") },
	{ STR_INIT("Asia/Shanghai"), STR_INIT("China Standard Time") },
	{ STR_INIT("Asia/Singapore"), STR_INIT("Singapore Standard Time") },
	{ STR_INIT("Asia/Taipei"), STR_INIT("Taipei Standard Time") },
	{ STR_INIT("Australia/Perth"), STR_INIT("W. Australia Standard Time") },
	{ STR_INIT("Asia/Irkutsk"), STR_INIT("North Asia East Standard Time") },
	{ STR_INIT("Australia/Eucla"), STR_INIT("Aus Central W. Standard Time") },
	{ STR_INIT("Asia/Tokyo"), STR_INIT("Tokyo Standard Time") },
	{ STR_INIT("Asia/Seoul"), STR_INIT("Korea Standard Time") },
	{ STR_INIT("Asia/Yakutsk"), STR_INIT("Yakutsk Standard Time") },
	{ STR_INIT("Australia/Adelaide"), STR_INIT("Cen. Australia Standard Time") },
	{ STR_INIT("Australia/Darwin"), STR_INIT("AUS Central Standard Time") },
	{ STR_INIT("Australia/Sydney"), STR_INIT("AUS Eastern Standard Time") },
	{ STR_INIT("Australia/Brisbane"), STR_INIT("E. Australia Standard Time") },
	{ STR_INIT("Australia/Hobart"), STR_INIT("Tasmania Standard Time") },
	{ STR_INIT("Australia/Lord_Howe"), STR_INIT("Lord Howe Standard Time") },
	{ STR_INIT("Asia/Vladivostok"), STR_INIT("Vladivostok Standard Time") },
	{ STR_INIT("Pacific/Port_Moresby"), STR_INIT("West Pacific Standard Time") },
	{ STR_INIT("Asia/Magadan"), STR_INIT("Magadan Standard Time") },
	{ STR_INIT("Pacific/Guadalcanal"), STR_INIT("Central Pacific Standard Time") },
	{ STR_INIT("Pacific/Norfolk"), STR_INIT("Norfolk Standard Time") },
	{ STR_INIT("Pacific/Auckland"), STR_INIT("New Zealand Standard Time") },
	{ STR_INIT("Asia/Kamchatka"), STR_INIT("Russia Time Zone 11") },
	{ STR_INIT("Pacific/Fiji"), STR_INIT("Fiji Standard Time") },
	{ STR_INIT("Pacific/Chatham"), STR_INIT("Chatham Islands Standard Time") },
	{ STR_INIT("Pacific/Tongatapu"), STR_INIT("Tonga Standard Time") },
	{ STR_INIT("Pacific/Apia"), STR_INIT("Samoa Standard Time") },
	{ STR_INIT("Pacific/Kiritimati"), STR_INIT("Line Islands Standard Time") },
	{ STR_INIT("Pacific/Marquesas"), STR_INIT("Marquesas Standard Time") },
	{ STR_INIT("Pacific/Pago_Pago"), STR_INIT("") },
	{ STR_INIT("Etc/GMT+2"), STR_INIT("UTC-02") },
	{ STR_INIT("Etc/GMT+8"), STR_INIT("UTC-08") },
	{ STR_INIT("Etc/GMT+9"), STR_INIT("UTC-09") },
	{ STR_INIT("Etc/GMT+11"), STR_INIT("UTC-11") },
	{ STR_INIT("Etc/GMT+12"), STR_INIT("Dateline Standard Time") },
	{ STR_INIT("Etc/GMT-12"), STR_INIT("UTC+12") },
	{ STR_INIT("Etc/GMT-13"), STR_INIT("UTC+13") },
};

/* Their rules, as zoneinfo had them when first asked; is_known[i] tells that there are some. */
static struct zone_rules known[countof(zones)];
static bool is_known[countof(zones)];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load_known(void)
{
	for (size_t i = 0; i < countof(zones); i++)
		is_known[i] = !zone_by_name(zones[i].zone, &known[i]);
}

struct str zone_of_windows(struct str name)
{
	for (size_t i = 0; i < countof(zones) && name.n; i++)
		if (str_ieq(zones[i].windows, name))
			return zones[i].zone;
	return STR_EMPTY;
}

struct str zone_windows_name(size_t i)
{
	return i < countof(zones) ? zones[i].windows : STR_EMPTY;
}

static bool has_rules(struct str zone, const struct zone_rules *rules)
{
	struct zone_rules own;

	return zone.n && !zone_by_name(zone, &own) && zone_eq(&own, rules);
}

struct str zone_name_of(const struct zone_rules *rules, struct str prefer, struct str label)
{
	const struct str of_label = zone_of_windows(label);

	if (has_rules(prefer, rules))
		return prefer;
	if (has_rules(of_label, rules))
		return of_label;
	if (has_rules(label, rules)) /* some phones name zoneinfo's zone itself */
		return label;
	pthread_once(&once, load_known);
	for (size_t i = 0; i < countof(zones); i++)
		if (is_known[i] && zone_eq(&known[i], rules))
			return zones[i].zone;
	return STR_EMPTY;
}

struct str zone_name_in_year(const struct zone_rules *rules, int year)
{
	pthread_once(&once, load_known);
	for (size_t i = 0; i < countof(zones); i++)
		if (is_known[i] && zone_is_meant(rules, &known[i], year))
			return zones[i].zone;
	return STR_EMPTY;
}
