"""
Requirements that say what a response looks like. Each form of sentence is a row of SHAPES with what must be seen in the
kept answers for it: an element that never came shows nothing, one that came otherwise breaks the requirement.
"""
import base64
import binascii
import re

SHOWN, BROKEN, UNSEEN = "shown", "broken", "unseen"


def names_of(text):
    """Element names of a list such as "Status (section 2.2.3.177.1), email:To ([MS-ASEMAIL] section 2.2.2.79)"."""
    bare = re.sub(r"\([^()]*\)|\[[^\]]*\]|<\d+>", " ", text)
    return [re.sub(r".*:", "", word) for word in re.findall(r"[A-Za-z][\w:]*", bare)]


def is_datetime(text):
    return re.fullmatch(r"\d{4}-?\d\d-?\d\dT\d\d:?\d\d:?\d\d(\.\d+)?Z", text) is not None


def is_compact(text):
    return re.fullmatch(r"\d{8}T\d{6}Z", text) is not None


def is_zone(text):
    """MS-ASDTYPE 2.7.4: 172 octets."""
    return is_bytes(text) and len(base64.b64decode(text)) == 172


def is_bytes(text):
    try:
        base64.b64decode(text, validate=True)
        return True
    except (binascii.Error, ValueError):
        return False


def is_number(low, high):
    return lambda text: re.fullmatch(r"-?\d+", text) is not None and low <= int(text) <= high


# MS-ASDTYPE's names, as the sentences write them; a byte array may come as opaque octets, which the kept answers hold as text.
LEAF_TYPES = (
    (r"string data type,? represented as a compact date ?time", is_compact),
    (r"date ?time", is_datetime),
    (r"time ?zone", is_zone),
    (r"boolean", lambda text: text in ("0", "1")),
    (r"unsigned ?byte|unginedBynte|byte(?! array)", is_number(0, 255)),
    (r"unsigned ?short", is_number(0, 65535)),
    (r"unsigned ?int(eger)?", is_number(0, 2**32 - 1)),
    (r"int(eger)?", is_number(-2**31, 2**31 - 1)),
    (r"byte array|base64", is_bytes),
    (r"string|uri|url", lambda text: True),
)


def has_type(seen, name):
    if re.match(r"container", name, re.I):
        return not seen.text.strip()
    for pattern, fits in LEAF_TYPES:
        if re.match(pattern, name, re.I):
            return not seen.children and (seen.text == "" or fits(seen.text))
    return False


def judge(all_seen, fits, every=True):
    if not all_seen:
        return UNSEEN
    good = [fits(seen) for seen in all_seen]
    if all(good) if every else any(good):
        return SHOWN
    return BROKEN if every else UNSEEN


def parent_is(answers, m):
    parents = names_of(m["list"])
    return judge(answers.of(m["command"], m["element"]), lambda seen: seen.parent in parents, every=False)


def children_are(answers, m):
    listed = set(names_of(m["list"]))
    fits = lambda seen: seen.children and listed.issuperset(seen.children)
    return judge(answers.of(m["command"], m["element"]), fits, every=False)


def type_is(answers, m):
    """Other documents have elements of the same name: where no command is named, one that fits is enough."""
    fits = lambda seen: has_type(seen, m["type"])
    return judge(in_its_place(answers, m), fits, every=m["command"] is not None)


def in_its_place(answers, m):
    """Occurrences under the parent that the heading names, as in "Data (BodyPart)"."""
    all_seen = answers.of(m["command"], m["element"])
    if m.get("where") in ("Body", "BodyPart", "Attachment", "Policy", "Provision"):
        return [seen for seen in all_seen if seen.parent == m["where"]]
    return all_seen


def has_no_child(answers, m):
    return judge(in_its_place(answers, m), lambda seen: not seen.children)


def number_is(answers, m):
    most_one = re.search(r"(?:\.\.\.|…)\s*1", m["list"])
    return judge(answers.of(m["command"], m["element"]), lambda seen: not most_one or seen.siblings == 1)


def at_most_one(answers, m):
    parents = names_of(m["list"])
    all_seen = [seen for seen in answers.of(m["command"], m["element"]) if seen.parent in parents]
    return judge(all_seen, lambda seen: seen.siblings == 1)


def child_of(answers, m):
    parents = [re.sub(r".*:", "", p) for p in re.findall(r"the ([\w:]+)(?: \([^()]*\))* element", m["list"])]
    all_seen = answers.of(m["command"], m["element"])
    verdicts = {judge(all_seen, lambda seen, p=parent: seen.parent == p, every=False) for parent in parents}
    return SHOWN if verdicts == {SHOWN} else UNSEEN


def version_has(answers, m):
    all_seen = answers.of(m["command"], m["element"])
    return SHOWN if any(seen.version == m["version"] for seen in all_seen) else UNSEEN


def version_has_not(answers, m):
    """Shown where the command was answered in that version, and the element came, but in other versions alone."""
    all_seen = answers.of(m["command"], m["element"])
    answered = any(m["version"] in v for c, v in answers.versions.items() if c == m["command"] or not m["command"])
    if any(seen.version == m["version"] for seen in all_seen):
        return BROKEN
    return SHOWN if all_seen and (answered or m["command"] == "Find") else UNSEEN


def has_no_parent(answers, m):
    return judge(answers.of(m["command"], m["element"]), lambda seen: seen.parent is None, every=False)


def of_parent(answers, m):
    """How often each parent of an answer holds the element. An Attachment that answers an upload is named by its ClientId,
    and then has no more than a FileReference (MS-ASAIRS_R1324); an Attachment of 2.5 is an element of another page."""
    parent = re.sub(r".*:", "", m["list"])
    all_seen = answers.of(None, parent)
    if parent == "Attachment":
        of_upload = m.get("number") in ("R1325", "R1326")
        all_seen = [seen for seen in all_seen if ("ClientId" in seen.children) == of_upload and
                    "AttName" not in seen.children]
    return [seen.children.count(m["element"]) for seen in all_seen]


def required_child(answers, m):
    holds = of_parent(answers, m)
    if not any(holds):
        return UNSEEN
    return SHOWN if all(n >= 1 for n in holds) else BROKEN


def optional_child(answers, m):
    holds = of_parent(answers, m)
    if not any(holds):
        return UNSEEN
    return SHOWN if all(n <= 1 for n in holds) else BROKEN


def typed_child(answers, m):
    """Both: where it stands, and what it holds."""
    all_seen = [seen for seen in answers.of(m["command"], m["element"]) if seen.parent == m["list"]]
    return judge(all_seen, lambda seen: seen.siblings == 1 and has_type(seen, m["type"]))


def never_sent(answers, m):
    """An element of requests alone."""
    return BROKEN if answers.of(None, m["element"]) else SHOWN if answers.documents else UNSEEN


def is_child_of(answers, m):
    return judge(answers.of(m["command"], m["element"]), lambda seen: seen.parent == m["list"])


def child_somewhere(answers, m):
    """Elements of one name stand in other places too."""
    return judge(answers.of(m["command"], m["element"]), lambda seen: seen.parent == m["list"], every=False)


def is_container(answers, m):
    return judge(answers.of(m["command"], m["element"]), lambda seen: not seen.text.strip(), every=False)


def never_in_parent(answers, m):
    """AllOrNone, in BodyPreference or BodyPartPreference: neither is ever sent."""
    return never_sent(answers, m)


def each_contains(answers, m):
    parents = [seen for name in ("Add", "Update", "Delete") for seen in answers.of(m["command"], name)
               if name != "Delete" or m["element"] == "ServerId"]
    return judge(parents, lambda seen: seen.children.count(m["element"]) == 1)


def not_longer(answers, m):
    return judge(answers.of(m["command"], m["element"]), lambda seen: len(seen.text) <= int(m["most"]))


def no_key_on_failure(answers, m):
    """A Status other than 1 stands alone, in each of the three commands."""
    verdicts = set()
    for command in ("FolderCreate", "FolderDelete", "FolderUpdate"):
        failed = [seen for seen in answers.of(command, command) if "SyncKey" not in seen.children]
        told = [seen for seen in answers.of(command, "Status") if seen.text != "1"]
        verdicts.add(UNSEEN if not told else SHOWN if len(failed) == len(told) else BROKEN)
    return verdicts.pop() if len(verdicts) == 1 else BROKEN if BROKEN in verdicts else UNSEEN


def names_its_item(answers, m):
    commands = [seen for name in ("Add", "Change", "Delete", "SoftDelete") for seen in answers.of("Sync", name)
                if seen.parent == "Commands"]
    return judge(commands, lambda seen: seen.children.count(m["element"]) == 1)


def in_every_mail(answers, m):
    """A whole mail of 14.0 or later: one that tells its subject."""
    mails = [seen for seen in answers.of("Sync", m["list"]) if seen.parent == "Add" and "Subject" in seen.children
             and float(seen.version or 0) >= 14]
    return judge(mails, lambda seen: m["element"] in seen.children, every=False)


def body_children(answers, m):
    listed = set(names_of(m["list"])) | {"Preview", "Part"}
    all_seen = [seen for seen in answers.of(m["command"], "Body") if seen.children]
    return judge(all_seen, lambda seen: listed.issuperset(seen.children))


def body_type(answers, m):
    """Not the Body of 2.5, which is a text."""
    all_seen = [seen for seen in answers.of(None, m["list"]) if seen.children]
    return judge(all_seen, lambda seen: seen.children.count(m["element"]) == 1)


def part_status(answers, m):
    all_seen = [seen for seen in answers.of(None, "Status") if seen.parent == "BodyPart"]
    return judge(all_seen, lambda seen: seen.text in ("1", "176"))


def only_children(answers, m):
    listed = set(names_of(m["list"]))
    all_seen = [seen for seen in answers.of(m["command"], m["element"]) if seen.children]
    return judge(all_seen, lambda seen: listed.issuperset(seen.children))


COMMON_STATUS_MIN = 101


def values_are(answers, m):
    """A status that is common to all commands may stand wherever one of the table's may."""
    listed = set(re.findall(r"\d+", re.sub(r"(\d+) ?- ?(\d+)", lambda r: " ".join(
        str(n) for n in range(int(r[1]), int(r[2]) + 1)), m["list"])))
    all_seen = [seen for seen in answers.of(m["command"], m["element"]) if seen.parent not in ("Flag", "BodyPart")]
    if "parent" in m:
        all_seen = [seen for seen in all_seen if seen.parent == m["parent"]]
    common = m["element"] == "Status"
    return judge(all_seen, lambda seen: seen.text in listed or (common and int(seen.text or 0) >= COMMON_STATUS_MIN))


def names_are(answers, m):
    listed = names_of(m["list"])
    return judge(answers.of(m["command"], m["element"]), lambda seen: seen.text in listed)


def status_sent(answers, m):
    """A value of Status that a test provoked: the test says by what, the kept answer that it was sent."""
    where = answers.of(m["command"], "Status")
    return SHOWN if any(seen.text == m["value"] for seen in where) else UNSEEN


ELEMENT = r"(?:El)?[Ee]?ment (?P<element>[\w:]+) ?(?:\([\w, ]+\))? ?in (?P<command>\w+) ?(?:command)? ?[\w ]*?(?:response|reply)[^,]*?"
ELEMENT_OF = r"\[In (?P<head>[\w:]+)(?: ?\((?P<where>[\w, ]+)\))?\]"
COMMANDS = ("Autodiscover|Find|FolderCreate|FolderDelete|FolderSync|FolderUpdate|GetAttachment|GetHierarchy|GetItemEstimate|"
            "ItemOperations|MeetingResponse|MoveItems|Ping|Provision|ResolveRecipients|Search|SendMail|Settings|"
            "SmartForward|SmartReply|Sync|ValidateCert")
SHAPES = tuple((re.compile(pattern), check) for pattern, check in (
    (ELEMENT + r", ?the parent ele+m?e*nts? (?:is|are) (?P<list>.+)", parent_is),
    (ELEMENT + r",? +the child ele+m?e*nts? (?:is|are|contain) (?P<list>.+)", children_are),
    (ELEMENT + r",? ?the data type is (?P<type>[\w ]+)", type_is),
    (r"None ?\[" + ELEMENT + r" ?has no child element", has_no_child),
    (r"None ?\[" + ELEMENT + r" ?has no parent element", has_no_parent),
    (r"\[In Common Status Codes\].*?status value (?P<value>\d+) is", status_sent),
    (r"\[In Common Status Codes\] The value of the element \w+ is (?P<value>\d+)", status_sent),
    (r"\[In Status ?\((?P<command>\w+)\)?.*?(?:meaning|cause) of (?:the )?status value\]? ?(?P<value>\d+)\b", status_sent),
    (r"\[In Status ?\((?P<command>\w+)\)?.*?\[(?:The )?(?:meaning|cause) of the status value\] ?(?P<value>\d+)", status_sent),
    (ELEMENT + r", ?(?:the )?number allowed (?:is )?(?P<list>[^\[]+)", number_is),
    (ELEMENT_OF + r" ?Protocol version (?P<version>[\d.]+) does not supports? this", version_has_not),
    (ELEMENT_OF + r" ?Protocol version (?P<version>[\d.]+) supports this", version_has),
    (r"The (?P<element>[\w:]+) element(?: \([^()]*\))? is an? (?:required|optional) child element of"
     r" (?P<list>the .*?) in an? ?(?P<command>" + COMMANDS + r") command response", child_of),
    (r"The (?P<element>[\w:]+) element(?: \([^()]*\))? is an? (?:required|optional) child element of"
     r" (?P<list>the .*?) in (?P<command>" + COMMANDS + r") command responses", child_of),
    (r"[Cc]ommand responses? (?:MUST have|has) a maximum of one (?P<element>[\w:]+) (?:child )?element per"
     r" (?:returned )?(?P<list>\w+) element", at_most_one),
    (ELEMENT_OF + r" The value of this ?(?:element)? ?(?:\[[^\]]*\])? ?(?:element)? is an? (?P<type>[\w ]+?)"
     r" ?(?:value|data type)?,? ?(?:as specified in|\()", type_is),
    (ELEMENT_OF + r" (?:In a response, )?[Tt]he [\w:]+ element MUST have no child elements", has_no_child),
    (ELEMENT_OF + r" The [\w:]+ element cannot have child elements", has_no_child),
    (r"The (?P<element>[\w:]+) element is an? (?:optional|required) child element of type (?P<type>\w+)(?: \([^()]*\))? of the"
     r" (?P<list>\w+) element", typed_child),
    (ELEMENT_OF + r" The [\w:]+ element is an? (?:optional|required) container", is_container),
    (ELEMENT_OF + r" The [\w:]+ element is a container", is_container),
    (ELEMENT_OF + r" The [\w:]+ element is a (?P<type>\w+) data type", type_is),
    (ELEMENT_OF + r" The value of this element(?: \[[^\]]*\])? is an? (?P<type>\w+)", type_is),
    (ELEMENT_OF + r" In a command response, the value of this element(?: \[[^\]]*\])? is an? (?P<type>\w+)", type_is),
    (ELEMENT_OF + r" It ?\[[^\]]*\] is a child of the (?P<list>\w+) element", is_child_of),
    (ELEMENT_OF + r" The [\w:]+ element MUST NOT be used in command responses", never_in_parent),
    (r"[Cc]ommand responses? MUST NOT include (?:an? |the )?(?P<element>\w+) element", never_sent),
    (r"[Cc]ommand responses? (?:MUST have|has) a maximum of one (?P<element>\w+) element (?:per|within each returned|within each)"
     r" (?:returned )?(?P<list>[\w:]+) element", at_most_one),
    (r"The (?P<list>\w+) element has at most one instance of the (?P<element>\w+) element", at_most_one),
    (r"The (?P<element>[\w:]+) element is (?:a )?required child element of the (?P<list>[\w:]+) element", required_child),
    (r"The (?P<element>[\w:]+) element(?: \([^()]*\))? is a required child(?: element)? of the (?P<list>[\w:]+) element"
     r"(?: \([^()]*\))? in (?:command|Provision) responses", required_child),
    (r"The (?P<element>[\w:]+) element is an optional child element of the (?P<list>[\w:]+) element", optional_child),
    (r"^\[In (?P<list>Body|BodyPart|Attachment)\] (?P<element>\w+) \(section [\d.]+\)\. This element is required", required_child),
    (r"^\[In (?P<element>Attachments|BodyPart|Move|EASProvisionDoc|ApprovedApplicationList|UnapprovedInROMApplicationList|Data)[^\]]*\] .*"
     r"has (?:only )?the following child elements? ?(?:\[|:)(?P<list>.+)", only_children),
    (r"^\[In Status ?\((?P<command>" + COMMANDS + r")\)\] The following table (?:lists|specifies|shows) .*?\[(?P<list>[\d, -]+)\]"
     r".* child (?:element )?of the (?:\w+:)?(?P<parent>\w+) element", values_are),
    (r"^\[In (?P<head>Status|Type) ?\((?!Settings)(?P<command>" + COMMANDS + r")\)\] The (?:following table (?:lists|specifies|shows)|folder type"
     r" values).*?\[(?P<list>[\d, -]+)\]", values_are),
    (r"^\[In (?P<head>Status) ?\((?P<parent>Policy|Provision)\)\] The following table lists valid values \[(?P<list>[\d,]+)\]", values_are),
    (r"^\[In (?P<element>Class)\((?P<command>ItemOperations)\)\] .*version:\] +(?P<list>[\w, ]+)", names_are),
    (r"^\[In (?P<head>Method|LastVerbExecuted)[^\]]*\] The following table \w+ (?:the )?valid values ?\[(?P<list>[\d, -]+)\]", values_are),
    (r"Each (?:Update element(?:, each Delete element,)?|Update element,? ?) ?and each Add element included in a (?P<command>FolderSync) response MUST"
     r" contain one (?P<element>\w+) element", each_contains),
    (r"Each (?:Update|Add) element included in a (?P<command>FolderSync) response MUST contain one (?P<element>\w+) element", each_contains),
    (r"\[In (?P<head>FolderId|ServerId|DstMsgId|CalendarId)[^\]]*\] (?:The (?:value of the )?\w+ element(?: value)?) (?:can be up to|is not larger than)"
     r" (?P<most>\d+) characters in length", not_longer),
    (r"\[In SyncKey\(FolderCreate, FolderDelete, and FolderUpdate\)\] If the .* is not successful, the server MUST NOT return a SyncKey",
     no_key_on_failure),
    (r"\[In Status ?\((?P<command>" + COMMANDS + r")\)?.*?(?:meaning|cause) of (?:the )?status value\]? ?(?P<value>\d+)\b", status_sent),
    (r"\[In Status ?\((?P<command>\w+)\)\].*\[[Tt]he (?:meaning|cause) of (?:the )?status value (?P<value>\d+) is\]", status_sent),
    (r"\[In Status ?\((?P<command>" + COMMANDS + r")\)?\]?.* value of (?P<value>\d+) indicates (?:success|failure)", status_sent),
    (r"^\[In (?P<head>\w+) ?\((?P<where>Find)\)\] ?(?:None)? ?\[?Element .*has no child element", has_no_child),
    (r"^\[In (?P<element>HasAttachments)\] None \[Element HasAttachments in (?P<command>)command response", has_no_child),
    (r"^\[In (?P<element>HasAttachments)\] Element HasAttachments in (?P<command>)command response.*the data type is (?P<type>\w+)", type_is),
    (r"^\[In (?P<element>HasAttachments)\] Element HasAttachments in (?P<command>)command response.*the number allowed is (?P<list>[^\[]+)",
     number_is),
    (r"^\[In (?P<element>Preview)\] Element in (?P<command>Find) command response.*the parent element is (?P<list>.+)", parent_is),
    (r"The (?P<element>Find) element is a required element in (?P<command>Find) command responses", has_no_parent),
    (r"None \[Element (?P<element>Find) in (?P<command>Find) command response, has no Parent", has_no_parent),
    (r"^\[In (?P<element>ServerId)\(Sync\)\] It \[ServerId element\] is a required child element of the Add", names_its_item),
    (r"^\[In (?P<list>Body) \(Airsyncbase Namespace\)\] .*This element ?\[airsyncbase:(?P<element>Type)\] is required", body_type),
    (r"^\[In (?P<element>Responses)\] If \[ Responses element is \] present, it MUST include at least one child element",
     lambda answers, m: judge(answers.of("Sync", "Responses"), lambda seen: bool(seen.children))),
    (r"^\[In BodyPart\] It \[airsyncbase:(?P<element>BodyPart) element\] has the following child elements: (?P<list>.+)", only_children),
    (r"The email2:(?P<element>ConversationId|ConversationIndex) element(?: \([^()]*\))? is a required child element of the"
     r" airsync:(?P<list>ApplicationData) element(?: \([^()]*\))? in a Sync command response", in_every_mail),
    (r"itemoperations:(?P<element>ConversationId|Status) (?:element )?(?:\([^()]*\) )?is a required child element of the itemoperations:(?P<list>Move)"
     r" element", required_child),
    (r"^\[In Body \(Airsyncbase Namespace\)\] (?:\[)?When\[airsyncbase:Body\] included in an? (?P<command>Sync) command response .*?:"
     r"? ?\[(?P<list>airsyncbase:Type, [^\]]+)\]", body_children),
    (r"^\[In Body \(Airsyncbase Namespace\)\] When\[airsyncbase:Body\] included in an? (?P<command>Search|ItemOperations) command response"
     r".*\[(?P<list>airsyncbase:Type, [^\]]+)\]", body_children),
    (r"The (?P<element>[\w:]+) element(?:<\d+>)? is (?:a|an optional) child element of the (?P<list>\w+) element", child_somewhere),
    (r"^\[In (?P<element>\w+)\] It ?\[[^\]]*\] is a child element of the (?P<list>\w+) element", child_somewhere),
    (r"The value of (?:the|this) (?P<element>[\w:]+) element is an? (?P<type>string data type,? represented as a Compact DateTime)", type_is),
    (r"The value of the (?P<element>[\w:]+) element is an? (?P<type>\w+)", type_is),
    (r"^\[In (?P<parent>BodyPart|Status)\] The following table lists valid values \[1, 176\] for the (?P<element>Status)(?P<list>) element",
     part_status),
))


class Match(dict):
    """The groups of a sentence, with the element's bare name; the command from the heading where only that tells it."""

    def __init__(self, m, number):
        super().__init__({"command": None, "number": number, **{k: v for k, v in m.groupdict().items() if v is not None}})
        self.setdefault("element", self.get("head") or "Status")
        self["element"] = re.sub(r".*:", "", self["element"]).replace("DayofMonth", "DayOfMonth")
        where = self.get("where")
        self["command"] = self["command"] or None
        if not self["command"] and where and re.fullmatch(COMMANDS, where):
            self["command"] = where


def verdict(answers, document, number, sentence):
    """SHOWN, BROKEN or UNSEEN; None for a sentence of no known form."""
    for pattern, check in SHAPES:
        m = pattern.search(sentence)
        if m:
            return check(answers, Match(m, number))
    return None
