# The portal's texts in English. Each has its counterpart in locales/id; the build fails without it.

## Frame
skip-to-content = Skip to the content
nav-label = Pages
nav-home = Write
nav-bulk = Bulk
nav-conversations = Conversations
nav-outbox = Sent
nav-inbox = Received
nav-contacts = Contacts
nav-schedules = Schedules
nav-broadcasts = Broadcasts
nav-reports = Reports
nav-modems = Modems
nav-status = Status
nav-account = Account
nav-users = Users
nav-teams = Teams
nav-messages = Messages
nav-people = People
nav-groups = Groups
nav-templates = Templates
nav-automation = Automation
nav-services = Services
nav-webhooks = Webhooks
nav-operation = Operation
nav-routes = Routes
nav-audit = Audit log
nav-yours = Account
nav-rest = More
shortcuts-title = Keys
shortcuts-search = Search
shortcuts-write = Write a message
shortcuts-list = This list
shortcuts-close = Close
empty-write = Write a message.
empty-modems = See whether a modem is ready.
log-out = Log out
language-label = Language
disk-full = The gateway's disk is full: new messages are refused until there is room again. Messages accepted before are still being sent.
disk-full-admin = The disk of { $folder } is full: { $free } free, { $reserve } kept for messages accepted before. New messages are refused until you make room there.
not-private = This connection is not private: others on the network can read what you type. Use https where it matters.
live-lost = The connection to the gateway was lost. Reconnecting …
older = Older
times-in = Times are in the zone
zone-title = Time zone
zone-label = Show times in the zone
zone-keep = Save
zone-hint = A name such as Asia/Jakarta. Empty: the zone of your browser. Times on this page are in { $zone }. Days of reports begin at midnight there, and new schedules are written in it.
zone-kept = Times are shown in your zone.
pager-label = More of this list
newest = Newest

## Set-up
setup-title = Welcome to Merpati
setup-lead = This gateway is new, and you are its first visitor. Choose how you will log in.
setup-name = Your name
setup-name-hint = Up to 64 characters, without spaces. You log in with it.
setup-password = Password
setup-password-hint = At least { $least } characters. A few words in a row are good.
setup-submit = Create the account
setup-void-title = This link does not work any more
setup-void = A set-up link works once, and for 24 hours. Print a new one on the gateway's machine:
setup-needed-title = Merpati is running
setup-needed = It has no users yet. Open the one-time link that it printed when it started, or print a new one on its machine:
setup-done-log-in = This gateway is set up already. Log in instead.

## Log in
login-title = Log in
login-name = Name
login-password = Password
login-submit = Log in
login-wrong = Wrong name or password.
login-program = This account is for programs: they use its keys. Log in with an account of your own.
login-throttled = Too many tries. Wait { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
} and try again.
login-ended = You are logged out.
login-first = Log in to see that page.

## Writing
compose-title = Write a message
compose-to = To
compose-to-placeholder = +62 812 3456 7890, Siti, #Class 7A
compose-to-hint = Numbers, names of contacts, and groups after a #. Several with commas, or each on a line.
compose-text = Text
compose-send = Send
compose-count = Count
compose-more = Use fewer parts
compose-alike = Similar characters
compose-alike-hint = Curly quotes, long dashes and similar characters become plain ones, and letters lose accents that GSM does not have, when that saves parts. Replaced characters are shown under the text.
compose-tables = Letters of languages
compose-tables-hint = Turkish, Spanish, Portuguese and the languages of India have letter tables of their own, which are used when that saves parts. Old phones that lack these tables show other letters.
compose-from = Send from
compose-from-any = Any modem
compose-people = Whom do you mean?
compose-group = { $count ->
    [one] group of 1 contact
   *[other] group of { $count } contacts
}
compose-templates = Templates
compose-templates-hint = A template is put into the text. The fields {"{"}name{"}"}, {"{"}number{"}"}, {"{"}email{"}"} and {"{"}note{"}"} are filled in from each contact. Custom fields work, too: {"{"}field:City{"}"}.
compose-templates-all = All templates
compose-fold = When and how
compose-at = Not before
compose-at-hint = Empty: now. It waits until then, and can be cancelled.
compose-until = Not after
compose-until-hint = Empty: whenever it can be sent. What was not sent until then expires.
compose-pool = Pool
compose-pool-any = As the routes say
compose-flash = Flash message: shown at once, and not kept by the phone
compose-double = Send it even if the same text went to the same number a moment before
compose-repeat-hint = Daily, weekly, monthly?
compose-repeat = Repeat it: make a schedule
compose-look = Look first
answer-label = Your answer
answer-send = Answer
answer-open = Answer
answer-impossible = { $name } is a name and not a number, so it cannot be answered.
count-characters = { $count ->
    [one] 1 character
   *[other] { $count } characters
}
count-parts = { $count ->
    [one] 1 part
   *[other] { $count } parts
}
count-left = { $count ->
    [one] 1 left in this part
   *[other] { $count } left in this part
}
count-encoding-gsm = plain letters (GSM)
count-encoding-ucs2 = all letters (Unicode)
count-encoding-language = letters of { $language } (GSM)
count-replaced = Replaced: { $characters }
count-without = { $parts ->
    [one] It would be one part without “Use fewer parts”.
   *[other] It would be { $parts } parts without “Use fewer parts”.
}
count-alike = { $parts ->
    [one] Similar characters make it one part: see “Use fewer parts”.
   *[other] Similar characters make it { $parts } parts: see “Use fewer parts”.
}
count-tables = { $parts ->
    [one] Letters of its language make it one part: see “Use fewer parts”.
   *[other] Letters of its language make it { $parts } parts: see “Use fewer parts”.
}
count-forced = { $characters } makes the message Unicode, with fewer characters per part.
count-alikes = Look-alikes that cost less: { $characters }
count-replace = Replace them in the text
count-too-long = Too long: { $parts } parts, and { $limit } are allowed.
send-failed-title = Nothing was sent
send-no-recipient = Say whom it goes to.
send-bad-recipient = “{ $written }” is not a phone number: { $reason }
send-unknown-name = “{ $name }” is neither a phone number nor the name of a contact or group.
send-several-names = “{ $written }” could be several: { $candidates }. Write the whole name or the number.
send-empty-group = Nobody is in the group “{ $name }”.
send-people-too-many = At most { $limit } recipients at once. A broadcast goes to more.
send-when-half = A time needs both: a date and a time of day.
send-when-past = The time before which it is not to be sent has gone by. Leave it empty to send now.
send-until-past = The time after which it is not to be sent has gone by.
send-ends-too-soon = It would be over before it may be sent: “not after” is earlier than “not before”.
send-two-ways = Choose a SIM or a pool, not both.
send-bad-empty = it is empty
send-bad-character = “{ $character }” cannot be in one
send-bad-long = it has too many digits
send-bad-short = it has too few digits
send-bad-length = numbers of { $country } have { $least } to { $most } digits after +{ $code }, and this one has { $found }
send-bad-length-one = numbers of { $country } have { $digits } digits after +{ $code }, and this one has { $found }
send-bad-country-code = no country’s numbers begin so: after the + comes a country’s calling code, such as +{ $code }
send-bad-destination = “{ $written }” is sent nothing: { $reason }
send-bad-abroad = it is a number of { $country }, and messages go to { $allowed } only
send-bad-nowhere = it is a number of no country, and messages go to { $allowed } only
send-bad-premium = it costs more than other numbers (premium rate or shared cost)
send-bad-emergency = it is an emergency number: call it
send-bad-code = it is a short code, and here they are sent nothing
send-too-many = At most { $limit } recipients at once.
send-too-much = This account has sent as much as it may for now, so nothing was sent. Try again in { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}.
send-blank = The text has only blanks, which nobody can read.
sent-short-code = A short code, not a phone number: { $codes }.
send-empty = Write a text first.
send-too-long = The text is too long: it would be { $parts } parts, and { $limit } are allowed.
send-unencodable = The text cannot be sent: { $reason }
send-broker-away = The gateway's broker does not answer at the moment, so nothing was sent. Your text is still here: try again in a moment.
send-disk-full = The gateway's disk is full, so nothing was sent. Your text is still here: try again when the administrator has made room.
send-unclear = The gateway's broker broke off in the middle. Look at what was sent before you send this again.
send-sim-not-yours = You may not send through this SIM card. Choose another one, or ask an administrator.
send-twice = This form was already sent, with another text. Look at what was sent; to send this one too, send it again.
send-store-away = The gateway's database does not answer at the moment, so nothing was sent. Your text is still here: try again in a moment.
sent-look = Look at it
look-title = Before it is sent
look-changed = It has changed since you looked: contacts or groups are others now. Look again, and send it then.
look-recipients = Recipients
look-change = Change it
look-messages = Messages
look-messages-parts = { $count ->
    [one] 1 message
   *[other] { $count } messages
}, { $parts ->
    [one] 1 part
   *[other] { $parts } parts
} in all
look-cost = Cost of all
look-kind = Kind
look-double = Repetition
look-moment = { $at } (written in the zone { $zone })
look-lacking = { $count ->
    [one] One recipient has nothing in a field of the text, which stays empty there.
   *[other] { $count } recipients have nothing in a field of the text, which stays empty there.
}
look-more = { $count ->
    [one] And one more, whose way is decided when it is sent.
   *[other] And { $count } more, whose ways are decided when they are sent.
}
look-send = { $count ->
    [one] Send the message
   *[other] Send { $count } messages
}
look-contact = { $written } → { $name }, { $number }
look-group = { $written } → { $count ->
    [one] 1 contact
   *[other] { $count } contacts
} of the group { $name }
sent-notice = { $count ->
    [one] On its way.
   *[other] { $count } messages are on their way.
}

## Messages
home-title = Write
home-all-modems = All modems
latest-title = Latest
latest-empty = Nothing yet. What you send and receive appears here, by itself.
outbox-title = Sent
outbox-empty = Nothing was sent yet.
find-label = Find messages
find-hint = Words, or part of a number
find-do = Find
find-nothing = Nothing like this was found.
narrow-more = Narrow the list
narrow-state = State
narrow-recipient = Recipient's number
narrow-sender = Sender
narrow-no-number = This is not a phone number. Write one such as +62 812 3456 7890.
narrow-no-day = This is not a date. Write one such as 2026-12-31.
narrow-days-turned = The first day is after the last one.
narrow-waiting = All that wait
narrow-went-wrong = All that did not arrive
inbox-title = Received
outbox-batch = The messages of one sending.
outbox-all = All sent messages
inbox-empty = Nothing was received yet. Messages to your modems appear here, by themselves.
csv-link = Download as CSV
talks-title = Conversations
talks-all = All conversations
talks-open = Open the conversation
talks-find = Find a conversation
talks-find-hint = A name, or part of a number
talks-empty = There are no conversations yet. Write to somebody, and the answers stand beneath.
talks-unread = { $count ->
    [one] 1 new
    [100] 100 or more new
   *[other] { $count } new
}
talks-which = Which conversations
talks-open-ones = Open
talks-mine = Assigned to me
talks-unassigned = Unassigned
talks-archived = Archived
talks-blocked = Blocked
talks-empty-mine = No open conversation is assigned to you. Open one and assign it to yourself under “Handling”.
talks-empty-unassigned = Each open conversation is assigned to somebody.
talks-empty-archived = No conversation is archived. What you archive leaves the list until a new message comes in.
talks-empty-blocked = No number is blocked. What a blocked number sends is kept here and gets no automatic answer.
talk-log = Messages, the newest last
talk-empty = Nothing was said with this number yet.
talk-contact = Contact
talk-missed-call = Missed call
talk-via = Goes out through { $modem }.
talk-assigned = With { $name }
talk-is-archived = Archived
talk-is-blocked = Blocked
talk-is-muted = Muted
talk-team = Handling
talk-assign = Assign to
talk-nobody = Nobody
talk-note = Note for colleagues
talk-note-keep = Save the note
talk-note-hint = It stands in the conversation and is never sent.
talk-note-by = Note of { $name }
talk-archive = Archive
talk-unarchive = Move back to the list
talk-mute = Mute
talk-unmute = Unmute
talk-block = Block the number
talk-unblock = Unblock the number
talk-block-hint = What a blocked number sends is kept under “Blocked”, is not counted as new, and no keyword service and no endpoint answers it.
talk-done-archived = The conversation is archived.
talk-done-unarchived = The conversation is in the list again.
talk-done-muted = The conversation is muted for you.
talk-done-unmuted = The conversation is not muted any more.
talk-done-blocked = The number is blocked.
talk-done-unblocked = The number is not blocked any more.
talk-done-unassigned = The conversation is assigned to nobody.
talk-done-assigned = Assigned to { $name }
talk-done-noted = The note stands in the conversation.
talk-not-theirs = The person you chose can no longer read or answer this conversation.
talk-bad-note = A note is a text of 1 to { $most } characters.
talk-too-many-notes = This conversation has { $most } notes already, which is the most there may be.
talk-too-many-mutes = You mute { $most } conversations already, which is the most there may be. Unmute one first.
talk-writing = { $name } is writing
talk-answered = { $name } has written to this number since you opened the conversation. Read the answer above; your message has not been sent.
talk-answered-by-somebody = Somebody has written to this number since you opened the conversation. Your message has not been sent.
talk-send-anyway = Send anyway
message-title = Message to { $to }
message-whole = Read all of it
message-received-on = on { $number }
message-timeline = History
message-parts = Parts
message-recipient = Recipient
message-short-code = A short code: a service of the network, not a phone number
message-imported = Brought from
message-number = Message number
message-id = Message ID
message-trace = Trace
message-sim = SIM
message-rule = Rule that chose the way
message-batch = All messages of this sending
message-part-sent = Part { $part } was taken by the network at { $at }, through { $modem }.
message-part-waits = The network did not take part { $part } yet.
message-part-report = Report of { $at }: { $text }.
message-cost = Cost
message-letters = Letters
message-replaced = Replaced
message-modem = Modem
message-data = { $count ->
    [one] one octet of data
   *[other] { $count } octets of data
}
message-incomplete = Some parts of this message have not come: { $parts }.
message-cut = This message arrived incomplete: its end is missing.
message-unreadable = This message cannot be read. Its PDU is kept, and the API shows it.
message-data-text = Sent as 8-bit data, shown as text.
message-mms = A picture message (MMS) of { $size } KB waits at the network. Merpati does not fetch it.
message-mms-from = Sender of the picture message: { $from }
message-mms-at = Where it waits: { $location }
waiting-voicemail = Voice mail
waiting-fax = Fax
waiting-email = E-mail
waiting-other = Another message
waiting-some = { $kind } is waiting: { $count }.
waiting-uncounted = { $kind } is waiting.
waiting-no-more = { $kind }: nothing is waiting any more.
message-open = Show history
message-not-found-title = There is no such message
message-not-found = It was never here, or it belongs to somebody else.
cancel-button = Cancel
cancel-done = Cancelled. It will not be sent.
cancel-doubtful = Cancelled. It will not be sent once more, but an earlier try may have gone out.
cancel-late = It is too late to cancel: a modem or the network has the message already.
cancel-ended = There is nothing to cancel: the message has ended without being sent.
again-button = Send again
again-done = This is the message that is sent again.
again-not-yet = It is not sent again: the message is still on its way, or it has arrived.
again-refused = It cannot be sent again as it is. Write it anew.
again-of = Sent again in place of an earlier message
again-as = It was sent again as a new message
waits-no-modem = It waits, because no modem is online. It goes out by itself as soon as one is.
waits-no-credit = The account has not enough credit for it. It is sent when the account is given some.
waits-credit-unknown = Whether the account has enough credit for it is not known at the moment. It is tried again soon.
waits-unchecked = It was accepted and is looked at next. If that lasts, the router may not be running.
waits-scheduled = It is scheduled for later.
waits-new-recipient = No SIM that may send it sends to anybody new for now: each had as many different recipients in this month as it may. It is tried again.
waits-try-failed = The last try failed. { $reason }
waits-account-limit = Its account has sent what its limits allow.
waits-account-closed = Its account sends nothing until { $until } because of { $limit }. Then it goes out by itself.
waits-recipient-limit = The number was sent as many messages as one number is sent.
waits-double = The same text went to the same number a moment before. Cancel it if it was not meant.
waits-rule = A rule holds it.
waits-pool-away = It waits, because no modem of the pool { $pool } is online. It goes out by itself as soon as one is.
waits-sim-away = It waits, because the SIM it must go out through is in { $modem }, which is not online. It goes out by itself as soon as it is.
waits-sim-unknown = It waits, because the SIM it must go out through is in no modem. It goes out by itself as soon as it is in one that is online.
waits-sim-closed = It waits for the SIM it must go out through, which sends nothing until { $until } because of { $limit }. Then it goes out by itself.
waits-pool-closed = It waits, because every SIM that may send it sends nothing for now. The first sends again at { $until }: it keeps to { $limit }.
closed-per-minute = the limit of { $most } messages a minute
closed-per-hour = the limit of { $most } messages an hour
closed-per-day = the limit of { $most } messages a day
closed-per-month = the limit of { $most } messages a month
closed-spend-per-day = the limit of { $most } spent a day
closed-spend-per-month = the limit of { $most } spent a month
closed-recipients-per-month = the limit of { $most } different recipients a month
closed-quiet = the quiet hours
closed-unknown = a limit
waits-turn = It waits its turn: messages before it go out first.
waits-ends = If it has not gone out by { $until }, it expires.
waits-until = It waits until { $until }.

## States
state-accepted = Accepted
state-admitted = Queued
state-held = On hold
state-released = Next in line
state-deferred = Retrying
state-sending = Sending
state-uncertain = Uncertain
state-rejected = Refused
state-cancelled = Cancelled
state-expired = Expired
state-failed = Failed
state-sent = Sent
state-undelivered = Not delivered
state-delivered = Delivered
state-unknown = Unknown

## Timelines
line-accepted = Accepted and stored by the gateway.
line-admitted = { $parts ->
    [one] Queued as one part.
   *[other] Queued as { $parts } parts.
}
line-admitted-rule = { $parts ->
    [one] Queued as one part, by the rule { $rule }: { $way }.
   *[other] Queued as { $parts } parts, by the rule { $rule }: { $way }.
}
line-admitted-team = { $parts ->
    [one] Queued as one part. The SIM card belongs to the team { $team }.
   *[other] Queued as { $parts } parts. The SIM card belongs to the team { $team }.
}
line-rejected = Refused: { $reason }
line-held-schedule = Waits until { $until }: it is scheduled.
line-held-backoff = Waits until { $until }: the last try failed.
line-held-route = Another SIM is chosen for it.
line-held-credit = Waits for credit: the account has not enough for it.
line-held-credit-unknown = Waits a moment: whether the account has enough credit is not known.
line-held-limit = Waits until { $until }: its account has sent what its limits allow.
line-held-recipient = Waits until { $until }: the number was sent as many messages as one number is sent.
line-held-double = Waits until { $until }: the same text went to the same number a moment before.
line-held-other = Waits until { $until }: a rule holds it.
line-released = Waiting for a free modem.
line-deferred = Try { $tries } failed: { $reason } It is tried again at { $until }.
line-handed-on = Handed on: the SIM sends to nobody new for now, and another one may.
line-new-recipient = Waits until { $until }: no SIM that may send it sends to anybody new for now.
line-sending = Given to { $modem }, try { $tries }.
line-sending-part = Part { $part } of { $parts } given to { $modem }, try { $tries }.
line-sent = The network took it.
line-failed = Given up: { $reason }
line-failed-tries = Given up after { $tries } tries: { $reason }
line-delivered = Delivered to the recipient's phone.
line-undelivered = Not delivered: { $reason }
line-expired = Its time was over before it could be sent.
line-cancelled = Cancelled.
line-cancelled-by = Cancelled by { $who }.
line-uncertain = It is not known whether part { $part } was sent: { $reason }
line-unknown = Something this version does not know.
a-modem = a modem

## Modems
modems-title = Modems
modems-online = { $count ->
    [0] No modem is online
    [one] One modem is online
   *[other] { $count } modems are online
}
modems-none = No modem yet. Plug one in: it is found automatically. If it is not, run this on the gateway's machine:
gateway-title = The whole gateway
gateway-running = Messages go out, and what is received is told to endpoints and services.
gateway-suspended = Suspended: no modem sends. What is received is kept.
gateway-isolated = Isolated: what is received is kept, and told to no endpoint and no service until it is resumed. Messages go out.
gateway-suspend = Suspend: send nothing
gateway-isolate = Isolate: tell programs nothing
gateway-resume = Resume
gateway-did-suspend = The gateway is suspended.
gateway-did-isolate = The gateway is isolated.
gateway-did-resume = The gateway is running again.
modem-ready = Ready
modem-sending = Sending
modem-starting = Starting
modem-searching = Looking for a network
modem-blocked = Needs attention
modem-degraded = Has problems
modem-offline = Offline
modem-disabled = Disabled
modem-disabled-hint = It sends nothing. What it receives is kept.
modem-closed-to-new = Its SIM sends to nobody new until { $until } because of { $limit }; whom it had this month it still sends to.
modem-closed = Its SIM sends nothing until { $until } because of { $limit }.
modem-since = since
modem-name = Name of the modem
modem-name-hint = Up to 32 characters. An empty field brings back the name of its port.
modem-name-taken = Another modem has that name.
modem-disable = Disable
modem-enable = Enable
modem-forget = Forget this modem
modem-forget-here = A driver told of this modem less than half a minute ago. Unplug it, wait half a minute, and try again. If its port is in the configuration, take it out there, or disable the modem.
modem-did-name = The name is kept.
modem-did-enable = The modem is enabled.
modem-did-disable = The modem is disabled: it sends nothing until you enable it.
modem-did-forget = The modem is forgotten. If it comes back, it is a new one.
modem-unknown = Unknown
modem-number = Number
modem-number-unknown = not known
modem-operator = Network
modem-signal = Signal
modem-signal-none = no signal known
modem-signal-dbm = { $dbm } dBm
modem-today = Today
modem-today-sent = { $sent } sent, { $failed } failed
modem-balance = Balance
modem-balance-low = low
modem-balance-unknown = not known
modem-spool = Not passed on yet
modem-spool-waits = { $entries } received, on the modem's computer
modem-spool-full = full
modem-port = Port
modem-make = Make
modem-write-to = Write to this number
modem-do = What to do
modem-tools = Tools
modem-restart = Restart
modem-reset = Power cycle
modem-flight-on = Turn the radio off
modem-flight-off = Turn the radio on
modem-queue = Messages in progress
modem-set = Save
modem-set-number = Number of the SIM
modem-set-smsc = Service centre (SMSC)
modem-set-hint = Leave the field empty to remove what was saved here.
modem-number-wrong = this is not a phone number
modem-pin = PIN of the SIM
modem-pin-submit = Unlock
modem-pin-hint = The PIN is tried only once. Three wrong tries lock the SIM.
modem-ussd = USSD code
modem-ussd-submit = Dial
modem-did-restart = The modem is restarting.
modem-did-reset = The modem is being switched off and on.
modem-did-flight-on = The radio is turned off, until you turn it on again.
modem-did-flight-off = The radio is turned on.
modem-did-number = The number is saved for this SIM.
modem-did-pin = The SIM is unlocked.
modem-kept-pin = The PIN is kept sealed on the modem's host, for when the SIM asks for it.
modem-pin-refused = The SIM refused this PIN. It is not tried again: three wrong ones lock the SIM.
modem-did-ussd = The network answered: { $text }
modem-call-failed = The request to the modem failed: { $reason }
modem-roaming = roaming
modem-signal-hour = Signal of the last hour: from { $weakest } to { $strongest } dBm
modem-limits = Limits of the SIM
modem-used-minute = { $used } of { $most } this minute
modem-used-hour = { $used } of { $most } this hour
modem-used-day = { $used } of { $most } today
modem-used-month = { $used } of { $most } this month
modem-used-recipients = { $used } of { $most } recipients this month
modem-used-spend-day = { $used } of { $most } spent today
modem-used-spend-month = { $used } of { $most } spent this month
modem-number-ask = The SIM does not know its own number. Which is it?
modem-test = Try it
modem-test-lead = A message to your own phone, through this SIM. It costs what any message costs. You then see its way, step by step.
modem-test-to = Number of your phone
modem-test-words = Text
modem-test-text = Test from Merpati through { $name }
modem-test-send = Send the test
modem-enable-hint = It sends again.
modem-disable-hint = It takes no new message, finishes what it has begun, and keeps what it receives, also over restarts.
modem-restart-hint = Sets the modem up anew, after the message at hand.
modem-reset-hint = Switches the modem itself off and on, which takes up to a minute.
modem-flight-hint = Without its radio it neither sends nor receives.
modem-forget-hint = Takes a modem that is gone for good from the lists.
modem-sim-page = The SIM: pool, limits, who may use it
modem-codes = USSD: balance and menus
modem-ussd-hint = A code such as *888#. When the network answers with a menu, you are asked for your choice. Codes can cost money.
modem-ussd-answer = Your answer to the network
modem-ussd-answer-hint = The network waits for an answer, about a minute. Meanwhile the modem sends nothing.
modem-settings = Name, number, service centre
modem-at = AT commands
modem-at-command = Command
modem-at-submit = Ask the modem
modem-at-hint = One line that begins with AT, such as AT+CSQ. What would send, dial or enter a PIN is refused. It stands in the audit log.
modem-answer-cut = Only the beginning is shown.
modem-trace = Trace of the serial line
modem-trace-hint = The page waits until the time is over. A trace holds phone numbers and the texts of messages, but no PIN: look through it before you give it away. It stands in the audit log.
modem-lines-open = See the last lines between driver and modem (private data left out)
modem-lines-title = { $name }: last lines
modem-lines-back = The modem
modem-lines-lead = The last lines between driver and modem, newest first. PINs, message texts and PDUs are not in them, and of numbers only the beginning.
modem-lines-live = Live for two minutes at most.
modem-lines-stop = Stop
modem-lines-watch = Watch for two minutes
modem-lines-none = Nothing was said yet.
modem-lines-written = from the driver
modem-lines-read = from the modem
modem-trace-seconds = Seconds
modem-trace-show = Record and show
modem-trace-file = Record into a file
modem-identity = Port, IMEI and SIM numbers
modem-firmware = Firmware
modems-any = Any state
modems-attention = Needs attention
modems-are-online = Online
modems-any-pool = All pools
modems-words = Name, number, port or network
modems-state = State
modems-seek = Show
modems-all = Show all
modems-found = { $found } of { $all } modems.
modems-more = { $count ->
    [one] One more modem is not shown. Search by name, state or pool.
   *[other] { $count } more modems are not shown. Search by name, state or pool.
}
modems-none-such = No modem is like that.
modems-add = Add a modem
modems-add-step-plug = 1. Plug it in
modems-add-plug = Put a SIM into the modem and plug it into the gateway's computer. It is found by itself and listed below within a few seconds.
modems-add-again = Look again
modems-add-host = Modems on another computer: run merpati modem-driver there, with the address of this gateway's broker.
modems-add-step-found = 2. What was found
modems-add-nothing = No modem was found yet.
modems-add-a-modem = A modem
modems-add-silent = No modem answered.
modems-add-open = Open
modems-add-look = Is your modem not in the list? Run this on its computer: it names the ports that it sees, and why one of them is not used.
modems-add-step-say = 3. What it needs from you
modems-add-say = A PIN, a number or a service centre is asked for here; any other problem says how to solve it.
modems-add-asks-nothing = No modem asks for anything.
modems-add-step-test = 4. Try it
modems-add-test = “Try it” in the list leads to a test message to your own phone, which you follow step by step.
modems-port-at = { $port } on { $host }
signal-excellent = very good
signal-good = good
signal-fair = fair
signal-weak = weak

## Problems of modems and messages, by their stable names
problem-no-sim = There is no SIM in the modem.
problem-no-sim-advice = Switch the modem off, put a SIM in, and plug it in again.
problem-pin-needed = The SIM asks for its PIN.
problem-pin-needed-advice = Enter the PIN here, or turn the PIN off with a phone.
problem-pin-wrong = The SIM refused its PIN.
problem-pin-wrong-advice = Enter the right PIN here. The wrong one is not tried again: three wrong ones lock the SIM.
problem-pin-last-try = The SIM asks for its PIN and allows only one more try.
problem-pin-last-try-advice = Put the SIM in a phone and type the PIN there.
problem-flight-mode = The modem's radio is turned off.
problem-flight-mode-advice = Turn it on under Tools.
problem-sim-failure = The SIM does not work.
problem-sim-failure-advice = Check that it is seated well, then whether it works in a phone.
problem-limit-not-counted = The message could not be counted for the limits of the SIM.
problem-limit-not-counted-advice = It is tried again by itself. If that lasts, look whether the broker runs.
problem-sim-busy = The SIM has been busy for half a minute.
problem-sim-busy-advice = Wait. If it stays, take the SIM out and put it in again.
problem-set-up-refused = The modem refuses its set-up for messages.
problem-set-up-refused-advice = Wait: a modem that is starting refuses for a while, and it is tried again by itself. If it stays, unplug the modem and plug it in again.
problem-no-pdu-mode = The modem has only text mode for messages, no PDU mode.
problem-no-pdu-mode-advice = Use another modem, or newer firmware for this one: without PDU mode it is given no message.
problem-no-reports = The modem gives no delivery reports.
problem-no-reports-advice = Messages go out and come in, but whether they were delivered is not known. Newer firmware or another modem may give reports.
problem-modem-locked = The modem is locked to another SIM or operator.
problem-modem-locked-advice = Use a SIM it is locked to, or have the modem unlocked.
problem-denied = The network refuses this SIM.
problem-denied-advice = Check that the SIM is activated and paid for, and that roaming is allowed if it is needed.
problem-storage-full = The memory for messages is full.
problem-storage-full-advice = Wait: messages are read and deleted by themselves.
problem-garbage = The port answers, but not as a modem does.
problem-garbage-advice = Check that this is the modem's command port, and its speed.
problem-port-gone = The modem's port is missing.
problem-port-gone-advice = Plug the modem in; look at cable, hub and power supply.
problem-puk-needed = The SIM is locked and asks for its PUK.
problem-puk-needed-advice = Put the SIM in a phone and type the PUK that came with it.
problem-not-registered = The modem finds no network that takes it.
problem-not-registered-advice = Check the antenna, and whether the SIM is active and has coverage here.
problem-no-smsc = The SIM does not know the number of its service centre.
problem-no-smsc-advice = Ask the operator for the SMSC number and enter it here.
problem-port-permission = Merpati may not open the modem's port.
problem-port-permission-advice = Add its user to the group of the port: sudo usermod -aG dialout USER, then log in again.
problem-port-busy = Another program holds the modem's port.
problem-port-busy-advice = Often it is ModemManager: sudo systemctl stop ModemManager, or let it ignore this modem.
problem-no-answer = The modem does not answer.
problem-no-answer-advice = Unplug the modem and plug it in again. If that does not help, check its power supply.
problem-driver-stopped = The driver stopped while the message was with the modem. It may have gone out.
problem-driver-stopped-advice = A delivery report still settles it.
problem-unheard = Nothing was heard of the message for 15 minutes while it was with a modem. It may have gone out.
problem-unheard-advice = Look at the modem and the computer it is plugged into. What they report later still counts.
problem-host-silent = The computer this modem is plugged into is not heard of any more.
problem-host-silent-advice = Start the driver there again, or look at the computer. A modem that is gone for good can be forgotten under Tools.
problem-modem-gone = The modem was unplugged, or its driver was stopped.
problem-modem-gone-advice = Plug it in, or start the driver again. A modem that is gone for good can be forgotten under Tools.
problem-cms-38 = The network is out of order for this SIM.
problem-cms-38-advice = A usual cause is an empty balance: check it, and top it up.
refused-no-number = The number does not exist.
refused-barred = The network does not let this SIM send the message, often for want of credit.
refused-busy = The network has a fault or no room just now.
refused-unreachable = The recipient cannot be reached.
refused-unidentified = The network does not know this SIM or the recipient.
refused-malformed = Network or modem do not accept the form of the message.
refused-on-the-way = The message was lost on the way between two networks.
refused-destination = This SIM may not send to this number.
refused-unsaid = The message was refused, and nobody says why.
refused-modem = The modem was not ready for the message.
refused-restarted = The modem restarted while it had the message.
refused-not-out = The message did not go out.
refused-sim-away = The SIM that was chosen for the message does not send it.
refused-opted-out = The recipient asked to be sent nothing more.
refused-impossible = No such number can exist.
refused-not-allowed = Messages to this kind of number are not allowed here.
refused-long = The text is too long.
refused-check-number = Check the recipient's number.
refused-check-credit = Check the SIM's balance, and whether its tariff allows SMS to this number.
refused-wait = Wait: it is tried again by itself.
refused-again = Send it again in a while.
refused-unclear = It may have gone out: ask the recipient before you send it again.
refused-try-later = Check the recipient's number, and try again later.
refused-check-sim = Check that the SIM is activated, and the recipient's number.
refused-plain = Send it without special options, in GSM letters.
refused-ask-operator = Ask the SIM's operator whether it may send to this number.
refused-modem-advice = Wait; if it stays, restart the modem and check its power supply.
refused-opted-out-advice = They get messages again once they ask for them.
refused-not-allowed-advice = Whoever runs the gateway can allow them in its configuration, under numbers.
refused-shorter = Send a shorter text, or several.
report-cannot-take = The recipient's phone cannot take such a message.
report-plain = Send plain text without special options.
report-phone-rejected = The recipient's phone rejected the message.
report-expired = The recipient's phone was not in the network for as long as the message was good.
report-expired-advice = Send it again, with a longer validity.
report-no-answer = The recipient's phone was busy or did not answer.
report-gave-up = The network gave the message up, for a reason of its own.
problem-account-disabled = The account is disabled, so the message was not sent.
problem-account-disabled-advice = An administrator can enable it again.
problem-sim-not-allowed = The account may not send through this SIM card.
problem-sim-not-allowed-advice = Choose another one, or ask an administrator.
problem-sim-of-team = The SIM card belongs to a team: only messages of its users go out through it.
problem-sim-of-team-advice = Choose another one, or ask an administrator to put the account into the team.
problem-team-sims-only = A team of this account sends only through its own SIM cards.
problem-team-sims-only-advice = Leave SIM card and pool out, or ask an administrator to give the team a SIM card.
problem-balance-refused = The network or the modem refused the code for the balance.
problem-balance-refused-advice = Dial the code by hand under Tools; correct the code of modems.balance in the configuration.
problem-balance-no-answer = The balance could not be asked for.
problem-balance-no-answer-advice = It is asked again by itself.
problem-balance-unread = The network's answer does not fit the pattern for the balance.
problem-balance-unread-advice = Dial the code by hand under Tools; compare the answer with the pattern of modems.balance in the configuration.
problem-spool-full = What this modem receives cannot be passed on, and the place for it on the modem's computer is full.
problem-spool-full-advice = Bring the broker back; the network keeps messages and reports for a while, and some may be lost.
problem-spool-unwritable = What this modem receives cannot be passed on, nor be kept on the modem's computer.
problem-spool-unwritable-advice = Look at space and permissions of the data folder there, and bring the broker back; some messages and reports may be lost.

## Callbacks
callbacks-title = Callbacks
callbacks-none = Nothing has happened yet that it is told.
callback-delivered = That it was delivered
callback-undelivered = That it was not delivered
callback-buffered = That the network keeps it and goes on trying
callback-sent = That the network took it
callback-refused = That it was refused
callback-taken = HTTP { $status }: it was taken.
callback-answered = The answer was HTTP { $status }.
callback-first = Not called yet. It is called at { $at }.
callback-next = It is called again at { $at }.
callback-soon = It is called soon.
callback-given-up = Given up: it is not called again.

## SIM cards
sim-title = Who may use this SIM card
sim-senders = Sending
sim-senders-hint = Administrators may always send through it. As long as not everybody may, it carries only messages for which it was chosen.
sim-pool = Pool
sim-pool-hint = Messages that name no SIM go through a pool. A SIM that is not for everybody is in none.
sim-readers = Reading what it receives
sim-readers-hint = Administrators always read it. Remember that one-time codes of banks and other services come in here too.
sim-everybody = Everybody
sim-save = Save
sim-done = Saved.
sim-team = Team
sim-team-hint = This SIM card belongs to a team. Only the team's users send through it and read what it receives; administrators can read that, too. The team:
limits-title = How much it sends
limits-hint = Parts of messages are counted, as networks do: a text of three parts is three. An empty field limits nothing. When a limit is reached, other SIM cards of the pool take over, and what must go out through this one waits.
limits-minute = Most a minute
limits-hour = Most an hour
limits-day = Most a day
limits-month = Most a month
limits-recipients = Most different recipients a month
limits-price = What a part costs
limits-spend-day = Most to spend a day
limits-spend-month = Most to spend a month
limits-price-hint = In whole units of the money that the card is paid with. A card that had its recipients of the month sends to those only.
limits-warm-up = A new card: a day at first
limits-warm-up-from = from
limits-warm-up-hint = Networks block new cards that send much at once. The day's number doubles each week until it is the usual one. Without a day it begins today.
limits-wrong-warm-up = A day from which a new card warms up needs the number of messages of that day. Nothing was changed.
limits-wrong-warm-up-number = The first day of a new card may have at most { $most }, as many as any other day. Nothing was changed.
limits-quiet-from = Quiet from
limits-quiet-to = until
limits-quiet-hint = In quiet hours only one-time passwords go out.
limits-zone = Time zone
limits-zone-hint = A name such as Asia/Jakarta. Empty: the zone of the modem's computer.
limits-used = So far: { $minute } this minute, { $hour } this hour, { $day } today, { $month } this month.
limits-used-recipients = Different recipients this month: { $recipients }.
limits-used-spend = Spent: { $day } today, { $month } this month.
limits-save = Save the limits
limits-done = The limits are saved.
limits-wrong-number = A limit is a whole number from 1 to { $most }. Nothing was changed.
limits-wrong-order = The limit of a shorter time is { $above } and that of a longer one only { $below }, so it would never be reached. Lower the first or raise the second. Nothing was changed.
limits-wrong-no-price = Say what a part costs, or leave both sums empty. Nothing was changed.
limits-wrong-below-price = A part costs { $price } and only { $most } may be spent, so nothing could be sent. Nothing was changed.
limits-wrong-quiet = Quiet hours need two different times, such as 22:00 and 06:00. Nothing was changed.
limits-wrong-zone = There is no time zone named “{ $found }”. Zones are named as Asia/Jakarta. Nothing was changed.
limits-wrong-zone-nearest = There is no time zone named “{ $found }”. Did you mean { $nearest }? Nothing was changed.

## Account
account-title = Account
account-name = Logged in as { $name }
keys-title = Keys for programs
keys-lead = A program sends messages with a key. Each key is shown only once; after that, only its beginning is kept here.
keys-none = There are no keys yet.
keys-label = What it is for
keys-label-placeholder = monitoring
keys-create = Make a key
keys-created = This is the new key. Copy it now: it is not shown again.
keys-example = Try it:
keys-used = last used { $at }
keys-never-used = never used
keys-revoke = Revoke
keys-revoked = The key is revoked.
keys-scopes = What the key may do
keys-all = Everything that the account may
keys-some = Only this:
keys-scopes-none = Choose at least one thing that the key may do.
keys-may = may: { $what }
keys-docs = What programs can do, with examples:
keys-all-keys = All keys
keys-requests = Last requests
keys-requests-lead = The last { $most } requests since this server was started. Their contents are not kept.
keys-requests-none = No request with this key since the server was started. If your program gets no answer, check the address and the key that it uses.
copy = Copy
copied = Copied
keys-until = works until { $at }
keys-from = works from { $networks } only
keys-days = How long it works
keys-for-good = Until it is revoked
keys-for-days =
    { $count ->
        [one] One day
       *[other] { $count } days
    }
keys-allow = From which addresses it works
keys-allow-hint = Addresses or networks, with commas between them. Leave it empty for anywhere.
keys-allow-wrong = Write at most { $most } addresses or networks, such as 192.0.2.7 or 10.0.0.0/8.
power-messages-send = Send messages
power-messages-read = Read sent messages
power-messages-cancel = Cancel messages
power-inbox-read = Read received messages
power-modems-read = See modems and SIMs
power-modems-operate = Operate modems
power-sims-manage = Say who may use a SIM
power-webhooks-read = See webhooks
power-webhooks-write = Make and change webhooks
power-opt-outs-read = See who opted out
power-opt-outs-manage = Say who is sent nothing more, and who is sent messages again
power-shared-manage = Change contacts, groups and templates that everybody shares
power-routes-read = See the rules of messages' ways, and try them
power-routes-manage = Change the rules of messages' ways, and pools
power-credits-read = See the own credit, and what messages cost
power-credits-manage = Give accounts credit, and say what messages cost
power-services-read = See keyword services
power-services-write = Make, change and remove keyword services
power-contacts-read = See contacts and groups
power-contacts-write = Make and change contacts and groups
power-templates-read = See templates
power-templates-write = Make and change templates
power-schedules-read = See schedules
power-schedules-write = Make and change schedules
power-broadcasts-read = See broadcasts
power-broadcasts-write = Make and start broadcasts
power-keys-manage = Make and revoke keys
power-users-manage = Manage accounts
power-audit-read = Read the audit log
power-reports-read = See how many messages came to which end
power-history-import = Bring messages of another gateway
power-gateway-operate = Operate the gateway
password-title = Password
password-old = Current password
password-new = New password
password-change = Change password
password-changed = Your password was changed. All other sessions have ended.
password-short = A password needs at least { $least } characters.
password-long = A password has at most { $most } characters.
password-wrong = The current password is wrong.

## People
webhooks-title = Webhooks
webhooks-one = Webhook
webhooks-lead = The gateway tells your programs what happens: each event is a signed request to your URL, once and in order. While a URL does not answer, its events wait.
webhooks-none = There are no webhooks yet.
webhooks-add = Add a webhook
webhooks-url = URL
webhooks-events = Events
webhooks-sender = Only from this sender (may stay empty)
webhooks-keyword = Only messages that begin with this word (may stay empty)
webhooks-raw = Send the PDUs of received messages too
webhooks-bad-url = This is no URL that can be called: it begins with https:// or http://. With mailto: it is one mail address, and the gateway has to have a mail server.
webhooks-url-hint = An https:// URL, or mailto: and an address, such as mailto:ops@shop.example: then what is received is mailed there.
webhooks-not-by-mail = By mail goes what is received, and what is wrong with the gateway: sms.received, ussd.received, call.missed, alert.opened and alert.closed.
webhooks-mail-of-administrators = Only an administrator has mails sent to an address.
webhooks-mailed = The mail server took it.
webhooks-twilio = The program was written for Twilio: post it a form, and read TwiML
webhooks-reply = Send what it answers to a received message back to the sender
webhooks-replies = What it answers to a received message is sent back to the sender.
webhooks-silent = What it answers is not sent back.
webhooks-answer = Send its answers back to senders
webhooks-silence = Do not send its answers back
webhooks-replied = Its answer was sent back.
webhooks-not-replied = Its answer was not sent back:
webhooks-form = It is told in the form of { $form }.
webhooks-no-answers = Only what is answered to sms.received can be sent back: choose that event too.
webhooks-not-in-form = Twilio knows messages alone, so such a program is not told of { $event }.
webhooks-full = As many events wait as may. Send it again when some have been taken.
webhooks-no-events = Choose at least one event.
webhooks-too-many = There are { $most } webhooks already, which is the most there may be.
webhooks-secret = This secret signs the requests. Copy it now: it is not shown again.
webhooks-good = Everything was told.
webhooks-failing = Failed { $failures } times in a row; { $pending } events wait. The next try is at { $at }.
webhooks-gave-up = Disabled since { $at }, and { $pending } events wait: { $reason }
webhooks-disabled-since = Disabled since { $at }; { $pending } events wait.
webhooks-disabled = The webhook is disabled. Enable it first.
webhooks-dropped = { $dropped } events were not kept, because too many waited.
webhooks-filter = Only what is received from or through:
webhooks-test = Send a test
webhooks-test-waits = The test still waits. Is the service webhooks running?
webhooks-enable = Enable
webhooks-enabled-now = The webhook is enabled, and what waited is sent.
webhooks-disable = Disable
webhooks-test-pending = A test waits for the answer of this webhook already. Look at its log in a moment.
webhooks-disabled-now = The webhook is disabled. What waits is kept.
webhooks-rotate = Make another secret
webhooks-remove = Remove
webhooks-removed = The webhook is removed.
webhooks-log = What it was told
webhooks-log-none = Nothing yet.
webhooks-waits = waits
webhooks-replay = Send again
webhooks-replayed = It is sent again.
webhooks-all = All webhooks
services-title = Keyword services
services-one = Keyword service
services-lead = When a message comes whose first word is a keyword, or that matches an expression, the gateway calls a program of yours or answers by itself.
services-none = There are no keyword services yet.
services-order = The first that fits takes a message, in this order: the one that asks its sender something, then keywords, then regular expressions by their places, then what has the keyword default.
services-add = Add a service
services-added = The service { $name } takes messages now.
services-change = Save
services-changed = The service is changed.
services-remove = Remove
services-removed = The service is removed.
services-all = All keyword services
services-name = Name
services-keyword = Keyword
services-keyword-hint = The first word of a message, in small letters or large. The keyword default takes what no other service takes.
services-aliases = Other words that do as well, with blanks between (may stay empty)
services-action = What it does
services-get-url = Fetches a URL
services-post-url = Posts the text to a URL
services-post-xml = Posts XML to a URL
services-replies = Sends a text back
services-argument = URL or text
services-argument-hint = Kannel's codes may stand in a URL: %a is the text, %q the sender, %t the time. In a text, these fields are filled in: {"{"}from{"}"}, {"{"}text{"}"}, {"{"}keyword{"}"}, {"{"}rest{"}"}, {"{"}word1{"}"} … {"{"}word9{"}"}, {"{"}time{"}"}, {"{"}sim{"}"}.
services-with-body = Send the plain text that the URL answers back to the sender
services-omit-empty = Send nothing back when the answer is empty
services-parts = A reply has at most so many parts; 0: nothing is sent back
services-back = What is sent back has at most { $parts ->
    [one] 1 part
   *[other] { $parts } parts
}.
services-back-nothing = Nothing is sent back.
services-opted-out = Nothing is sent back: the sender asks to be sent nothing more.
services-log = What it was called for
services-log-none = It was not called yet.
services-done = It was done.
services-reply = The reply
services-try = Try it
services-try-lead = What would happen if this message came? Nothing is done.
services-try-from = From
services-try-text = Text
services-try-do = Say what would happen
services-nobody = No service takes this message.
services-elsewhere = A service of another account takes this message.
services-takes = The service { $name } takes this message. Its keywords: { $keywords }
services-would-call = It would call:
services-would-reply = It would send back:
services-url-too-long = It would call nothing: with its codes replaced, the URL is too long.
services-to-name = Nothing is sent back: the sender is a name, which cannot be answered.
services-to-short-code = Nothing is sent back: the sender is a short code, and none is answered, for it may cost money.
services-to-ourselves = Nothing is sent back: the sender is one of this gateway's own SIM cards.
services-sim-not-yours = Nothing is sent back: the account may not send through the SIM card that the message came to.
services-bad-name = A name has 1 to { $most } characters.
services-bad-keyword = A keyword is one word of 1 to { $most } characters.
services-too-many-aliases = A service has at most { $most } other words.
services-bad-url = This is no URL that can be called: it begins with https:// or http://, and no code stands in its host.
services-bad-reply = A text that is sent back has 1 to { $most } characters.
services-too-many = There are { $most } services already, which is the most there may be.
services-name-taken = There is a service { $name } already. Choose another name.
services-keyword-taken = Another service has the keyword { $keyword } already. Choose another.
services-conditions = By an expression, a SIM card, a sender, a time
services-match = Regular expression in place of a keyword
services-match-hint = It is matched with the whole text, letter case aside, and asked after all keywords. Leave the keyword empty then.
services-place = Place among the expressions: the lowest is asked first
services-of-sim = Only what comes to this SIM card (its id)
services-of-sender = Only from senders that begin so
services-when = Only at these times
services-when-hint = Days (mon tue wed thu fri sat sun), hours and a time zone, such as mon-fri 08:00-17:00 Asia/Jakarta.
services-takes-match = The service { $name } takes this message. Its expression: { $pattern }
services-conflict-keyword = The service { $name } has the keyword { $keyword } too: where both may read a message, the older one takes it.
services-conflict-match = The service { $name } has the same expression: where both may read a message, the one with the lower place takes it, and of equal ones the older.
services-keyword-or-match = Write a keyword or a regular expression, one of them.
services-bad-match = This is no regular expression that can be used: { $why }.
services-match-empty = it is empty; .* takes every text
services-match-long = it has more than { $most } characters
services-match-invisible = it has a character that cannot be seen; write \n or \s
services-match-large = it becomes too large; repeat less, or fewer characters of all alphabets
services-match-at = { $what }, at character { $at }
services-fault-group-open = a parenthesis is opened and not closed
services-fault-group-close = a parenthesis is closed that was not opened
services-fault-class-open = a bracket [ is not closed
services-fault-class-range = the characters of a range stand in the wrong order
services-fault-nothing-repeated = there is nothing to repeat before *, + or ?
services-fault-count = a number or a closing brace is missing after {"{"}
services-fault-count-range = the numbers of a repetition stand in the wrong order
services-fault-escape = this means nothing after a backslash; a backslash itself is written \\
services-fault-look-around = it looks ahead or behind, which is not possible here
services-fault-back-reference = it refers back to a group, which is not possible here
services-fault-other = it is not written as an expression is
services-bad-place = A place is a number from 1 to { $most }.
services-bad-from = Senders begin with 1 to { $most } characters without spaces, such as +628.
services-bad-when = These are no times: { $why }.
services-times-form = write days, hours and a zone, such as mon-fri 08:00-17:00 Asia/Jakarta
services-times-day = “{ $day }” is no day; the days are mon, tue, wed, thu, fri, sat, sun
services-times-hours = “{ $hours }” are no hours; write such as 08:00-17:00
services-times-zone = “{ $zone }” is no time zone; write one such as Asia/Jakarta or UTC
services-bad-template = The text cannot be used: { $why }.
services-field-unknown = there is no field { $field }; did you mean { $nearest }? There are { $fields }, and a brace that is to stay is written twice
services-field-open = the brace at character { $at } is not closed; a brace that is to stay is written twice
services-forwards = Sends a text on to other numbers
services-subscribes = Puts the sender into a group of contacts
services-unsubscribes = Takes the sender out of a group of contacts
services-numbers = For sending on: the numbers, with commas between
services-group = For groups of contacts: the name of the group; the text above is sent back, if there is one
services-would-forward = It would send on:
services-would-subscribe = It would put the sender into its group of contacts.
services-would-unsubscribe = It would take the sender out of its group of contacts.
services-forward-to = Write 1 to { $most } numbers that the text is sent on to.
services-no-phone = { $number } is no number of a phone that a text can be sent on to.
services-forward-to-ourselves = { $number } is one of this gateway's own SIM cards, and nothing is sent on to those.
services-no-such-group = There is no group { $name } of yours.
services-runs = Runs a program of the gateway's configuration
services-would-run = It would run:
services-bad-exec = The command line cannot be used: { $why }.
services-command-long = it has more than { $most } characters or { $arguments } arguments
services-command-path = it does not begin with the whole path of a program, such as /usr/local/bin/stock
services-program-not-allowed = { $program } is not among services.programs of the gateway's configuration. Add it there first.
services-votes = Counts votes
services-options = For votes: the options, with blanks between; a sender writes one after the keyword
services-vote-counts = Votes
services-would-vote = It would count a vote for:
services-bad-options = Write 2 to { $most } options, each one word of at most { $longest } characters.
services-quizzes = Asks for the right answer: a quiz
services-surveys = Asks one question after another: a survey
services-scenarios = Answers by the words that follow the keyword
services-boards = Keeps the text on a board
services-inboxes = Puts the message into inboxes
services-to-groups = Sends the text on to a group of contacts
services-kinds = For quizzes, surveys, scenarios, boards, inboxes and groups
services-lines = Questions or answers, one a line
services-lines-hint = Quiz and survey: QUESTION = ANSWER, ANSWER; a question of a survey may stand alone. Scenario: WORDS = ANSWER. The text above is sent back to a right answer, after a survey, or when no words fit.
services-otherwise = Sent back to a wrong answer, or to who names no account (may stay empty)
services-once = Quiz: only the first answer of a sender counts
services-leave = Survey: the word that ends it
services-minutes = Survey: minutes that a question waits for its answer
services-address = Board: its public address; * for one that nobody can guess; empty: only for who logs in
services-shown = Board: how many of the last texts it shows
services-users = Inboxes: names of the accounts, with commas between
services-named = Inboxes: the message names the account, as in @NAME text
services-pin = Group: a PIN between the keyword and the text; empty: the one that there is stays
services-senders = Group: numbers of who may send, with commas between; without a PIN, each time a code is sent there that has to come back
services-asks = A service asks this sender something, so the message goes to it before any keyword is looked at.
services-would-keep = It would keep:
services-would-keep-right = It would keep this answer, which is right:
services-would-keep-wrong = It would keep this answer, which is wrong:
services-would-inbox = It would put the message into inboxes.
services-would-to-group = It would send the text to its group, if the PIN or the code is right.
services-bad-questions = Write 1 to { $most } questions, one on each line.
services-long-line = A line has at most { $most } characters.
services-no-question = A question has a text before its answers.
services-bad-answers = A question has at most { $most } answers.
services-no-answer = Each question has a right answer: QUESTION = ANSWER, ANSWER.
services-bad-scenario = Write 1 to { $most } lines.
services-no-line = A line is WORDS = ANSWER.
services-bad-words = A line begins with 1 to { $most } words.
services-no-line-reply = A line ends with an answer.
services-line-twice = Two lines begin with the same words.
services-bad-wait = A question waits for 1 to { $most } minutes.
services-bad-leave = A survey is ended by one word of at most { $most } characters.
services-bad-shown = A board shows 1 to { $most } texts.
services-bad-address = The address of a board has 3 to { $most } small letters, digits and hyphens; * makes one that nobody can guess.
services-public-match = Everybody may see a board with an address, and an expression takes what was not written for it. Give the service a keyword, or the board no address.
services-address-taken = Another board has the address { $address } already. Choose another.
services-bad-inboxes = Write 1 to { $most } accounts, or let the message name one.
services-no-account = There is no account { $name } whose inbox this service could put messages into.
services-bad-pin = Say who may send to the group: a PIN, one word of { $shortest } to { $longest } characters, or at most { $most } numbers.
services-entries = What it keeps
services-entries-of = Question { $question }: { $count } kept, { $right } right
services-entries-csv = All of it as a table (CSV)
services-entries-none = Nothing is kept yet.
services-entry-hide = Hide
services-entry-show = Show
services-entry-changed = The text is moderated.
services-clear = Forget all of it
services-cleared = What the service kept is forgotten.
services-public = Everybody may see this board:
board-none = Nothing is written here yet.
board-as = As text, or for programs:
users-title = Users
users-lead = Everybody sees the messages they sent themselves; administrators see all. What a SIM card receives is read by administrators, and by those whom its settings name.
users-add = Add a user
users-name = Name
users-password = Password
users-added = { $name } can log in now.
users-taken = This name is already taken.
users-bad-name = A name has 1 to 64 characters, and no spaces at either end.
users-limits = Limits
users-local-limits = How much services send that name no account
account-limits-title = How much { $name } sends
account-limits-hint = Parts of messages are counted, as for SIM cards, whatever they are sent by. An empty field limits nothing. What is more waits until the limit opens, and other accounts go on.
account-limits-otp = Most one-time passwords an hour
account-limits-otp-hint = They are counted by this alone then, and other messages take none of their places. Empty: they count with all others.
account-limits-weight = Turns in a round
account-limits-weight-hint = Where several accounts wait for the same modems, each has one turn after another. With 3 this one has three turns where another has one. Empty: one.
account-limits-zone-hint = A name such as Asia/Jakarta. Empty: the zone of the router's computer.
account-limits-used-otp = One-time passwords: { $hour } this hour.
account-limits-closed = Nothing goes out until { $until } because of { $limit }.
account-limits-wrong-weight = The turns in a round are a whole number from 1 to { $most }. Nothing was changed.

## Coming in
role-admin = administrator
role-operator = operator: modems and the gateway
role-manager = manager: what everybody shares
role-user = user
role-read-only = read-only
role-service = program
login-code-title = Your code
login-code = Code that your phone shows, or a recovery code
login-code-hint = Open the authenticator on your phone. If the phone is lost, type one of your recovery codes; an administrator can help, too.
login-code-late = That took too long, or it ended. Log in again.
totp-title = Codes of a phone
totp-lead = Who logs in types a code that their phone shows, beside the password. Programs with keys go on as before.
totp-must = Your role logs in with a code of a phone. Set one up now.
totp-step-app = Install an authenticator on your phone, if there is none.
totp-step-scan = Scan this with it, or type the letters:
totp-step-code = Type the code that it shows now:
totp-qr = QR code for an authenticator
totp-open = Open it in an authenticator on this device
totp-confirm = Set it up
totp-wrong = This code is wrong, or it was used before. Wait for the next one.
totp-since = Set up { $at }.
totp-is-on = You log in with a code of your phone.
totp-codes-left = { $count ->
    [one] One recovery code is left.
   *[other] { $count } recovery codes are left.
}
totp-codes-new = Make new recovery codes
totp-off-lead = Without it, the password alone is enough to log in.
totp-off = Do without codes
totp-is-off = You log in by your password alone now.
totp-required = Your role has to have codes of a phone.
totp-roles = Roles that have to have codes
totp-roles-lead = Who has such a role and no codes is asked to set them up at the next log-in, before anything else.
totp-roles-set-button = Save
totp-roles-set = Saved. It holds from the next log-in on.
recovery-title = Your recovery codes
recovery-lead = Each lets you in once without your phone. Write them down now: they are not shown again.
recovery-kept = I have written them down
password-set = The password is set. Log in with it.
password-of = For { $name }
link-void = It was used, revoked, or is too old. Ask an administrator for another one.
invitation-title = Welcome to Merpati
invitation-lead = You are invited as { $role }. Choose how you will log in.
invitations-title = Invitations
invitations-lead = A link lets somebody make an account of their own, and choose the password that nobody else knows. It works once, for seven days.
invitations-label = For whom
invitations-make = Make an invitation
invitations-made = This is the link. Hand it over now: it is not shown again.
invitations-until = works until { $at }
invitations-revoked = The invitation is revoked.
invitations-too-many = There are { $most } open invitations. Revoke one first.
invitations-label-wrong = What an invitation is called has at most { $most } characters.
sessions-title = Where you are logged in
sessions-none = Nobody is logged in.
sessions-browser = { $browser } on { $system }
sessions-unknown = unknown browser
sessions-seen = last used { $at }
sessions-present = this one
sessions-end = Log out
sessions-end-all = Log out everywhere
sessions-end-others = Log out everywhere else
sessions-ended = { $count ->
    [one] One session has ended.
   *[other] { $count } sessions have ended.
}
acting-title = See it as they do
acting-lead = You see the pages as they do, for an hour at most. You can change what they can, but neither send nor make keys. They see when it was, and the audit log has both names.
acting-begin = Act as them
acting-banner = { $admin } acts as { $name }: nothing can be sent.
acting-end = Stop acting
acting-ended = You are yourself again.
acting-was = { $at } by { $name }
acting-session = an administrator who acts as this account
acting-times = When administrators acted as you
users-all = All users
users-role = Role
users-role-hint = A new role holds at once. Who has it is logged out.
users-role-set = Set the role
users-disabled = locked out
users-disable = Lock out
users-disable-hint = Who is locked out cannot log in, and their keys stop working. Their messages stay.
users-enable = Let in again
users-totp = with a phone
users-totp-hint = If the phone is lost: without it, the password alone is enough, until it is set up anew.
users-totp-off = Take away the codes of the phone
users-link-make = Make a link for a new password
users-link-hint = Whoever opens the link chooses a new password. It works once, for 24 hours.
users-link-made = This is the link. Hand it over now: it is not shown again.
users-seen = last seen { $at }
users-never-seen = never logged in, made { $at }
users-last-admin = This is the last administrator who can log in. Make another one first.
users-done = Done.

## Teams
teams-title = Teams
teams-lead = Users with SIM cards of their own: only their messages go out through these, and they read what comes in.
teams-none = There are no teams yet. Add the first one below, then say on its page who is in it and which SIM cards it has.
teams-all = All teams
teams-add = Add a team
teams-name = Name
teams-has = Users: { $users }, SIM cards: { $sims }
teams-keeps-to = only through its own SIM cards
teams-own-sims-only = Send only through SIM cards of the team. Otherwise its users may use those that belong to no team, too.
teams-users = Users
teams-users-hint = A manager in the team sees the messages, conversations and reports of all its users. Others see what is theirs, and what the SIM cards of the team receive.
teams-sims = SIM cards
teams-sims-hint = A SIM card belongs to at most one team. The team's users can also read what it received before. Once it is taken out of the team, everybody can send through it.
teams-no-sims = No SIM card is free.
teams-remove = Remove the team
teams-free-sims = Its SIM cards belong to nobody then: everybody sends through them.
teams-added = The team { $name } is made. Say who is in it, and which SIM cards it has.
teams-changed = The team is saved.
teams-meanwhile = Somebody changed the team meanwhile. Here it is: make your change again.
teams-removed = The team is removed; its users and their messages stay.
teams-taken = There is already a team with this name.
teams-too-many = There are { $most } teams already, which is the most there may be.
teams-too-many-users = A team has at most { $most } users.
teams-too-many-sims = A team has at most { $most } SIM cards.
teams-too-many-of-user = One of them is in { $most } teams already, which is the most there may be.
teams-sim-of-another = One of the SIM cards belongs to another team. Take it out of that team first.
teams-has-sims = The team still has SIM cards. Say that they belong to nobody then, or give them to another team first.
teams-has-book = The team still has contacts, groups or templates. Remove these first.
teams-of-none = In no team.
team-of-sim = The SIM card belongs to the team { $team }.

## Contacts, groups, templates
search = Search
search-all = Search everything
search-all-label = Name, number or ID
search-results = Results
search-pages = Pages
search-found = { $count ->
    [0] Nothing like this was found.
    [one] One result.
   *[other] { $count } results.
}
search-found-first = { $count } shown; write more to narrow it down.
nothing-found = Nothing was found.
more = More
to-the-first = Back to the first
save = Save
remove = Remove
shared = shared by everybody
whose = Whose it is
whose-own = Only yours
whose-teams = Of a team
whose-everybody = Everybody's in the organisation
contacts-title = Contacts
contacts-lead = Names and their numbers: your own, those of your teams, and those that everybody shares.
contacts-none = There are no contacts yet. Add the first one below.
contacts-all = All contacts
contacts-add = Add a contact
contacts-name = Name
contacts-number = Number
contacts-email = E-mail (may stay empty)
contacts-note = Note (may stay empty)
contacts-tags = Tags, with spaces between them (may stay empty)
contacts-groups = Groups
contacts-fields = Custom fields (may stay empty)
contacts-fields-hint = Each on a line of its own, with a colon after its name, such as City: Bandung
contacts-with-tag = With the tag
contacts-out-by-message = Opted out by SMS on { $at }: gets no messages.
contacts-out-by-account = Opted out here on { $at }: gets no messages.
contacts-out-by-import = Opted out (imported) on { $at }: gets no messages.
contacts-bad-fields = A contact has at most { $most } custom fields, each on a line with a colon after its name. A name has at most { $name } characters, and is none of name, number, email and note; what stands in a field has at most { $size } characters.
contacts-added = { $name } is a contact now.
contacts-changed = The contact is saved.
undo = Undo
undo-contact = The contact is back.
undo-group = The group is back.
undo-template = The template is back.
undo-gone = It cannot be brought back any more.
undo-taken = It cannot be brought back: “{ $name }” is taken by another one now.
undo-full = It cannot be brought back: there are { $most } already, which is the most.
contacts-removed = The contact is removed.
contacts-bad-name = A name has 1 to { $most } visible characters, and no spaces at either end.
contacts-bad-number = This number cannot be dialled. Write it as +6281234567890 or 081234567890.
contacts-bad-email = This is no e-mail address.
contacts-bad-note = A note has at most { $most } characters.
contacts-bad-tags = A contact has at most { $most } tags, each of at most { $size } characters.
contacts-bad-groups = A contact is in at most { $most } groups.
contacts-no-group = One of these groups is not there any more, or it is not yours.
contacts-no-team = You are not in this team any more, or the team was removed.
contacts-too-many-groups = A contact is in at most { $most } groups, those of others counted.
contacts-too-many = There are { $most } contacts already, which is the most there may be.
imports-title = Import contacts
imports-lead = Contacts from a spreadsheet or from the address book of a telephone. No contact is made before you confirm it, and all of it can be undone.
imports-upload = Upload a file
imports-file = CSV, Excel file (XLSX) or vCard (VCF)
imports-file-hint = One row or card for each contact. Up to { $rows } rows and { $size } MB.
imports-past = What you imported and merged
imports-none = There is nothing yet. Upload a file above: one column with the numbers, and others with names, groups, tags or whatever you know.
imports-kept = It can be undone for { $days } days.
imports-draft = Uploaded at { $at }, not imported
imports-applied-at = Imported at { $at }: { $made } new, { $changed } changed
imports-goes-on = The file is large: it goes on by itself. Open this page again in a while.
imports-being-made = The contacts are being imported. Open this page again in a while.
imports-half-applied = Not all rows were imported. Import the rest, or undo the import.
imports-being-undone = It is being undone. Open this page again in a while.
imports-half-undone = Not all of it was undone. Undo the rest.
imports-undone-at = Undone at { $at }
imports-merged-at = { $count } contacts were merged at { $at }
imports-is-merge = Merged contacts
imports-uploaded = { $count ->
    [one] The file has one row. Say what its columns are.
   *[other] The file has { $count } rows. Say what its columns are.
}
imports-plan = What the columns are
imports-role-ignored = Leave out
imports-role-email = E-mail
imports-role-note = Note
imports-role-tags = Tags
imports-role-field = Custom field “{ $name }”
imports-keep = Do not change contacts that already exist
imports-planned = Nothing is imported yet. Look through it, then confirm it.
imports-review = Look through
imports-new = New contacts
imports-changed = Changed contacts
imports-same = Unchanged contacts
imports-new-groups = These groups are made:
imports-first-rows = Show the first rows
imports-becomes-new = A new contact
imports-becomes-changed = Changes a contact
imports-becomes-same = A contact has all of it already
imports-nothing-yet = No contact is made or changed until you press this.
imports-confirm = Import
imports-nothing = No row becomes a contact, and none changes one: look at the reasons, and at what the columns are.
imports-confirmed = The contacts are imported.
imports-result = What became of it
imports-go-on = Import the rest
imports-merged-away = Merged into another one
imports-undone = Undone
imports-left = Left as they are
imports-left-changed = Changed since, so it was left as it is
imports-left-removed = Removed since
imports-left-there = There again already
imports-left-full = Not made again: there are as many contacts as there may be
imports-undo = Undo the import
imports-undo-merge = Undo the merge
imports-undo-hint = New contacts are removed, and changed ones become as they were. What was changed since is left as it is, and named here.
imports-taken-back = The import is undone.
imports-merge-undone = The merge is undone.
imports-remove = Forget the file
imports-remove-merge = Forget this merge
imports-remove-hint = After that it can no longer be undone.
imports-removed = It is forgotten; its contacts stay.
imports-all = All imports
imports-too-many = There are { $most } imports already. Forget one first.
imports-look-again = It was changed meanwhile. Look at it again.
imports-bad-columns = One column has to be the number, no custom field may stand there twice, and there are at most { $most } of them.
imports-file-no-sheet = This is neither CSV nor XLSX nor a vCard.
imports-skip-there = There is a contact with the number already
imports-skip-name = The name is too long, or has invisible characters
imports-skip-note = The note is too long
imports-skip-tags = There are too many tags, or one is too long
imports-skip-groups = There are too many groups, a name cannot be one, or the group has its contacts by a rule
imports-skip-fields = There are too many custom fields, or one is too long
doubles-title = Duplicate contacts
doubles-lead = Contacts with the same number or name. Choose which one to keep; the others are merged into it. You can undo that.
doubles-by-number = Same number
doubles-by-name = Same name
doubles-own = Your own contacts
doubles-shared = Contacts that everybody shares
doubles-none = There are no duplicate contacts here.
doubles-keep = Keep
doubles-merge = Merge
doubles-do = Merge into the one that is kept
doubles-merged = The contacts are one now. What differed stands in the note.
doubles-gone = One of the contacts is gone, or was changed meanwhile. Look at them again.
doubles-too-few = Choose 2 to { $most } contacts.
doubles-too-much = Together they have more tags, custom fields or notes than a contact has room for.
groups-title = Groups
groups-lead = Contacts that belong together.
groups-none = There are no groups yet. Add the first one below.
groups-all = All groups
groups-add = Add a group
groups-code = Code, one word (may stay empty)
groups-members = { $count } contacts
groups-added = The group { $name } is made.
groups-changed = The group is saved.
groups-removed = The group is removed; its contacts stay.
groups-bad-code = A code is one word of at most { $most } characters.
groups-taken = Another group is called so.
groups-too-many = There are { $most } groups already, which is the most there may be.
groups-by-rule = By rule
groups-is-by-rule = by rule
groups-by-rule-hint = Contacts that match the rule are in the group, including those added later. Only contacts of the group's owner count.
groups-rule-of = Who is in the group
groups-rule-all = Contacts that meet all of these
groups-rule-any = Contacts that meet any of these
groups-rule-tags = With these tags, with spaces between them
groups-rule-no-tags = Without these tags, with spaces between them
groups-rule-fields = With these custom fields
groups-bad-rule = A rule has at most { $most } conditions. A tag is one word; a custom field stands on a line of its own, with a colon after its name, and stands there once.
groups-too-many-rules = There are { $most } groups by rule already, which is the most there may be.
templates-title = Templates
templates-lead = Texts that are kept to be sent again and again.
templates-none = There are no templates yet. Add the first one below.
templates-all = All templates
templates-add = Add a template
templates-text = Text
templates-added = The template { $name } is made.
templates-changed = The template is saved.
templates-removed = The template is removed.
templates-bad-text = A template is a text of 1 to { $most } characters.
templates-taken = Another template is called so.
templates-too-many = There are { $most } templates already, which is the most there may be.

## Schedules
schedules-title = Schedules
schedules-lead = Messages that are sent at a time, once or again and again.
schedules-none = There are no schedules yet. Add the first one below.
schedules-all = All schedules
schedules-add = Add a schedule
schedules-to = Numbers
schedules-groups = Groups: whoever is in them when it is sent
schedules-date = Date
schedules-time = Time
schedules-zone = Time zone, such as Asia/Jakarta
schedules-repeat = Repeat
schedules-repeat-none = Only once
schedules-repeat-daily = Every day
schedules-repeat-workdays = From Monday to Friday
schedules-repeat-weekly = Every week on the same day
schedules-repeat-monthly = Every month on the same date
schedules-repeat-last-day = On the last day of every month
schedules-repeat-other = Another rule:
schedules-rule = Another rule (may stay empty)
schedules-rule-hint = FREQ=DAILY, WEEKLY or MONTHLY, with INTERVAL, BYDAY, BYMONTHDAY, and UNTIL or COUNT: FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20271231
schedules-once = Once, at { $at } ({ $zone })
schedules-from = From { $at } ({ $zone }), { $how }
schedules-next = next at { $at }
schedules-paused = paused
schedules-over = over
schedules-times = Next times
schedules-sent = Last sent at { $at }: { $count ->
    [one] one message
   *[other] { $count } messages
}
schedules-missed = Not sent at { $at }: the gateway was off, and then it was too late.
schedules-nobody = Not sent at { $at }: there was nobody to send it to.
schedules-over-limit = Not sent at { $at }: the account would have sent more than it may.
schedules-too-many-recipients = Not sent at { $at }: there were too many recipients.
schedules-unreadable = Not sent at { $at }: the time zone or the rule was not known where it was to be sent.
schedules-run = Send now, too
schedules-pause = Pause
schedules-resume = Go on
schedules-added = The schedule { $name } is made.
schedules-changed = The schedule is saved.
schedules-removed = The schedule is removed; what it sent stays.
schedules-paused-now = The schedule is paused.
schedules-resumed = The schedule goes on.
schedules-taken = Another schedule is called so.
schedules-too-many = There are { $most } schedules already, which is the most there may be.
schedules-bad-groups = A schedule is for at most { $most } groups.
schedules-bad-time = Choose a date and a time.
schedules-bad-zone = The time zone { $zone } is not known. Write one such as Asia/Jakarta.
schedules-bad-rule = The rule is not understood: { $reason }
schedules-never = It would never be sent: there is no such time from now on.

## Broadcasts
broadcasts-title = Broadcasts
broadcasts-lead = One text to many, with names filled in, at your pace and not at night.
broadcasts-none = There are no broadcasts yet. Write the first one below.
broadcasts-all = All broadcasts
broadcasts-add = Make a broadcast
broadcasts-edit = Change the draft
broadcasts-edit-scheduled = Change the broadcast
broadcasts-text-hint = {"{"}name{"}"}, {"{"}number{"}"}, {"{"}email{"}"} and {"{"}note{"}"} are filled in from each contact. A brace that is to stay is written twice. Custom fields work, too: {"{"}field:City{"}"}.
broadcasts-template = Or the text of a template
broadcasts-template-none = None: the text above
broadcasts-groups = Groups: whoever is in them when it starts
broadcasts-numbers-hint = One number on each line, at most { $most }. Those that cannot be used are left out and named.
broadcasts-numbers-kept = { $count ->
    [one] One number is written down, and stays unless you write others.
   *[other] { $count } numbers are written down, and stay unless you write others.
}
broadcasts-no-numbers = Take all numbers away
broadcasts-date = Start on
broadcasts-when-hint = May stay empty: then it starts when you start it.
broadcasts-pace = Pace (may stay empty)
broadcasts-pace-per = Messages in each
broadcasts-per-minute = a minute
broadcasts-per-hour = an hour
broadcasts-pace-hint = How many messages are handed out. Without a pace, as fast as modems take them.
broadcasts-quiet-from = Quiet from
broadcasts-quiet-to = Quiet until
broadcasts-quiet-hint = May stay empty. In these hours nothing is handed out, by the clocks of each recipient’s country.
broadcasts-state-draft = Draft
broadcasts-state-scheduled = Scheduled
broadcasts-state-running = Running
broadcasts-state-paused = Paused
broadcasts-state-finished = Finished
broadcasts-state-cancelled = Cancelled
broadcasts-trouble-missed = The gateway was off when it was to start, so it was paused. Let it go on, or cancel it.
broadcasts-trouble-nobody = There was nobody to send it to.
broadcasts-trouble-too-many = There were more than { $most } recipients, so nothing was sent. Make several broadcasts.
broadcasts-trouble-over-limit = The account may send no more for a while; it goes on by itself.
broadcasts-trouble-unreadable = The text or the time zone was not known where it was to be sent, so it was paused.
broadcasts-trouble-disabled = The account is disabled, so it was paused. Enable the account, then let it go on.
broadcasts-starts = Starts at { $at }
broadcasts-reading = Reading who gets it: { $count } so far
broadcasts-expected = { $count ->
    [one] It is for one number.
   *[other] It is for { $count } numbers, those counted that stand twice.
}
broadcasts-handed = { $handed } of { $total } recipients handed out
broadcasts-left-out = Left out: { $duplicates } that stand twice, { $opted } opted out, { $unusable } that cannot be used
broadcasts-left-out-title = Left out
broadcasts-why-duplicate = Stands before it
broadcasts-why-opted-out = Opted out
broadcasts-why-unusable = Cannot be used
broadcasts-quiet-until = { $count ->
    [one] One recipient waits until { $until } ({ $zone }): it is night there.
   *[other] { $count } recipients wait until { $until } ({ $zone }): it is night there.
}
broadcasts-progress = How far it is
broadcasts-csv = All recipients as CSV
broadcasts-plan-minute = { $count } messages a minute
broadcasts-plan-hour = { $count } messages an hour
broadcasts-plan-none = As fast as modems take it
broadcasts-plan-quiet = Nothing is handed out at { $hours }, by the clocks of each recipient’s country.
broadcasts-start = Start
broadcasts-pause = Pause
broadcasts-resume = Go on
broadcasts-cancel = Cancel the rest
broadcasts-take-back = Take back
broadcasts-test = Send a test
broadcasts-test-to = To which number
broadcasts-test-do = Send the test
broadcasts-tests = { $count ->
    [0] The text goes to one number, as the first recipient would get it.
    [one] It was tested once.
   *[other] It was tested { $count } times.
}
broadcasts-added = The broadcast { $name } is a draft. Test it, then start it.
broadcasts-changed = The draft is saved.
broadcasts-changed-scheduled = The broadcast is saved, and starts at its time.
broadcasts-draft-again = It is a draft again: start it anew.
broadcasts-removed = The broadcast is removed; what it sent stays.
broadcasts-started = The broadcast is started.
broadcasts-paused = Nothing more of it goes out until it goes on.
broadcasts-resumed = The broadcast goes on.
broadcasts-cancelled = The broadcast is cancelled; what a modem had already is sent.
broadcasts-tested = The test is on its way.
broadcasts-taken = Another broadcast is called so.
broadcasts-too-many = There are { $most } broadcasts already, which is the most there may be. Remove one first.
broadcasts-bad-groups = A broadcast is for at most { $most } groups.
broadcasts-too-many-numbers = At most { $most } numbers can be written down. Make contacts of them, and a group.
broadcasts-no-template = The template is not there any more. Write the text.
broadcasts-no-field = The text is not understood: there is no field { $field }. There are {"{"}name{"}"}, {"{"}number{"}"}, {"{"}email{"}"}, {"{"}note{"}"}, and {"{"}field:City{"}"} for a custom field, and a brace that is to stay is written twice.
broadcasts-open-brace = The text is not understood: the brace at character { $at } is not closed. A brace that is to stay is written twice.
broadcasts-nobody-has = Nobody it is for has anything in { $field }. Take it out of the text, or choose a group whose contacts have it.
broadcasts-past = This time has gone by. Choose a later one, or none.
broadcasts-bad-pace = A pace is 1 to { $most } messages. Without one the field stays empty.
broadcasts-bad-quiet = Quiet hours need two different times, so that some of the day is left.
broadcasts-nobody = There is nobody to send it to. Choose a group with contacts, or write numbers.
broadcasts-too-large = It is for { $found } numbers, and may be for { $most }. Make several broadcasts.
broadcasts-in = That cannot be done now. Where it is: { $state }.
broadcasts-untold = The message broker cannot be reached. Nothing more is handed out; try again to stop what was.

## What goes wrong
error-title = Something went wrong
error-not-found-title = Page not found
error-not-found = There is nothing at this address.
error-forbidden = Your role does not allow this. An administrator can give you another.
error-csrf = This form has expired, or it did not come from this page. Go back, reload the page, and send the form again.
error-too-often = This board was looked at too often from here. Look again in { $seconds } s.
error-unavailable = The gateway cannot do this at the moment. Try again in a moment.
error-internal = Something went wrong inside the gateway; its log says what. Nothing was lost.
error-malformed = The gateway did not understand what was sent.
error-too-large = What was sent is too long. The field “{ $field }” may have at most { $most } characters.
error-home = Back to the start page

## The documentation of the API
api-docs-title = The API
api-docs-lead = Programs send and receive SMS through these calls. Each request has a key: Authorization: Bearer KEY.
api-docs-document = For generators of clients, as an OpenAPI 3.1 document:
api-docs-contents = Contents
api-docs-types = Types
api-docs-examples = Examples
api-docs-examples-lead = Each sends a message, follows it until the network has it, and prints the newest messages of the inbox. It finds the key in the environment variable MERPATI_KEY.
api-docs-key = Your newest key is “{ $label }”, { $prefix }…
api-docs-no-key = A key is made on the page of your account:
api-docs-scope = Scope of the key:
api-docs-any-key = Any key will do.
api-docs-public = It needs no key.
api-docs-required = required
api-docs-body = Body:

opt-outs-title = Opt-outs
opt-outs-lead = Who sent STOP or was put here is sent nothing by anybody.
opt-outs-none = Everybody is sent messages.
opt-outs-asked = Asked for it by SMS
opt-outs-said = Put here by hand
opt-outs-imported = Taken over from elsewhere
opt-outs-remove = Send messages again
opt-outs-add = Send nothing more
opt-outs-numbers = Numbers
opt-outs-numbers-hint = One on each line, or with commas between them.
opt-outs-added = New in the list: { $count }
opt-outs-removed = The number is sent messages again.
opt-outs-bad-count = Write 1 to { $most } numbers at a time.
opt-outs-no-numbers = These are no numbers: { $which }
credits-title = Credit
credits-lead = What accounts may spend on messages, and what messages cost.
credits-none = Every account sends as much as it likes.
credits-left = Left: { $left }
credits-unlimited = Sends as much as it likes
credits-make-unlimited = Let it send as much as it likes
credits-unlimited-now = The account sends as much as it likes now.
credits-add = Add credit
credits-account = Account
credits-amount = Amount
credits-note = Note
credits-add-hint = From then on the account sends only what its credit pays for. An amount with a minus takes credit back.
credits-added = { $name } has { $left } now.
credits-bad-amount = Write the amount as 50000 or 12.50, with at most four decimals.
credits-nothing = 0 changes nothing. Write how much the account gets, or with a minus how much is taken back.
credits-too-much = An account may have at most { $most }.
credits-no-account = There is no account of this name.
credits-long-note = A note may have at most { $most } characters.
credits-too-little = So much cannot be taken back: at this moment { $left } can.
credits-prices = Prices of a part
credits-usual = All other numbers
credits-prefix = Numbers that begin with (empty: all other numbers)
credits-price = Price of a part
credits-currency = Currency
credits-prices-hint = The longest beginning that fits a number counts. Without a price, everything is free.
credits-set-price = Set the price
credits-remove-price = Remove
credits-prices-changed = The prices are changed.
credits-prices-meanwhile = Somebody changed the prices meanwhile. Here they are: make your change again.
credits-bad-price = Write the price as 350 or 0.05, and the currency as a short word such as IDR.
credits-bad-prefix = A number begins with digits, with or without a + before them.
credits-ledger = Ledger
credits-no-entries = Nothing happened to the credit of this account.
credits-top-up = Credit added
credits-charge = A message
credits-refund = A message that was not sent
credits-correction = Credit taken back

routes-title = Ways of messages
routes-lead = Rules say through which pool or SIM messages go that name none.
routes-none = There are no rules: messages go through the pool default.
routes-order = The first rule that fits takes a message, in this order.
routes-off = switched off
routes-up = Up
routes-down = Down
routes-add = Add a rule
routes-added = The rule is asked from now on.
routes-save = Save
routes-changed = It is saved, and counts at once.
routes-remove = Remove the rule
routes-removed = The rule is removed.
routes-moved = The rule has another place.
routes-name = Name
routes-enabled = It is asked
routes-conditions-hint = A rule takes messages that fulfil all of these conditions. What is left empty does not matter.
routes-prefixes = Numbers that begin with
routes-accounts = Accounts
routes-priorities = Priority
routes-keys = Keys that it is sent by
routes-tags = Tags, with commas between them
routes-senders = Senders that are asked for, with commas between them
routes-keywords = First word of the text
routes-hours = Hours
routes-from = From
routes-until = Until
routes-zone = Time zone
routes-ways = Goes through
routes-ways-hint = The first of these that has a modem online takes the message.
routes-refuse = Or refuse it, for this reason
routes-everything = All messages
routes-refuses = refused: { $reason }
routes-pools = Pools
routes-strategy = How its SIMs share the work
routes-as-free = The modem that is ready
routes-round-robin = Each SIM in turn
routes-weighted = By weights
routes-least-used = The SIM that sent least today
routes-sticky = One SIM for each recipient
routes-history = Versions
routes-version = Version { $number }, rules: { $rules }
routes-restore = Make it so again
routes-undone = The rules are as they were.
routes-try = Try it
routes-try-lead = Which way would this message go? Nothing is sent.
routes-try-to = To
routes-try-account = Account (empty: you)
routes-try-text = Text
routes-try-do = Say which way
routes-takes = The rule { $rule } takes it:
routes-no-rule = No rule matches:
routes-pool = pool { $pool }
routes-sim = SIM { $sim }
routes-chosen = The pool { $pool } chooses it: { $strategy }.
routes-online = Online now: { $modems }.
routes-nobody-online = No modem of it is online, so it waits until one is.
routes-refused = The rule { $rule } refuses it: { $why }
routes-unusable = It is refused: { $why }
routes-opted-out = It is refused: the recipient asked to be sent nothing more.
routes-disabled-account = It is refused: the account is disabled.
routes-not-this-sim = It is refused: the account may not send through this SIM.
routes-of-team = It is refused: the SIM belongs to the team { $team }.
routes-keeps-to-team = It is refused: the team { $team } sends through SIM cards of its own only.
routes-passed = { $rule }: { $why }.
routes-miss-disabled = it is switched off
routes-miss-named = the message names a SIM or a pool itself
routes-miss-prefix = the number begins otherwise
routes-miss-account = another account sends it
routes-miss-priority = it has another priority
routes-miss-key = another key sends it, or none
routes-miss-tag = it has another tag, or none
routes-miss-sender = it asks for another sender, or for none
routes-miss-keyword = the text begins with another word
routes-miss-hours = it is another time
routes-miss-walled = the account may send through none of its SIMs
routes-otp = one-time password
routes-normal = normal
routes-bulk = bulk
routes-monday = Monday
routes-tuesday = Tuesday
routes-wednesday = Wednesday
routes-thursday = Thursday
routes-friday = Friday
routes-saturday = Saturday
routes-sunday = Sunday
routes-all-rules = All rules together
routes-rule = Rule { $at } ({ $name })
routes-too-many = There is more of something than may be; at most { $most }.
routes-bad-name = Give it a name of 1 to { $most } characters.
routes-name-taken = Rule { $number } has the same name; choose another.
routes-no-way = Choose a pool or a SIM, or say why it refuses.
routes-two-ways = It cannot send and refuse at once; leave out one of the two.
routes-bad-reason = Say in 1 to { $most } characters why it refuses.
routes-bad-mark = “{ $mark }” is neither a tag of 1 to { $tag } characters nor a sender of 1 to { $widest }.
routes-bad-keyword = “{ $keyword }” is not one word of 1 to { $most } characters.
routes-bad-zone = There is no time zone “{ $zone }”; name it like Asia/Jakarta.
routes-no-hours = The hours end when they begin, so it would never take anything.
routes-pool-twice = The pool stands twice.
routes-bad-weight = Weigh SIMs from 0 to { $most }.
routes-no-weight = Give one SIM a weight above 0.
routes-bad-strategy = Choose another way to share the work.
routes-hidden = It never takes anything: rule { $by } ({ $name }) stands before it and takes all of it. Move it up, change one of the two, or remove it.
routes-empty-pool = No SIM is in the pool { $pool }; until one is, messages wait.
routes-unknown-sim = Nothing is known of the SIM { $sim }; until it is in a modem, messages wait.
routes-unknown-account = Nothing is known of the account { $account }.
routes-elsewhere-sim = The SIM { $sim } has a weight and is not in this pool.
routes-no-version = There is no such version any more.
routes-too-large = The rules are too large together.
routes-meanwhile = Somebody changed the rules meanwhile. Look at them and do it again.
routes-bad-prefix = No number begins with “{ $prefix }”: use digits, with or without a + before them.
routes-no-such-key = “{ $name }” is no key: keys are named by their ids, as key_….
routes-no-such-user = There is no account “{ $name }”.
routes-bad-time = “{ $time }” is no time of day; write it like 07:30.
routes-no-number = This is no phone number.
## How the gateway is
status-title = Status
status-wrong = What is wrong
status-nothing-wrong = Nothing is wrong.
status-there = Go there
status-told = Endpoints and mail addresses can be told of it, by the events alert.opened and alert.closed:
status-queue = Where the messages are
status-queue-hint = The page of a message says why it waits, and until when:
status-oldest = The oldest was accepted at
status-more = More than { $count }
status-over = What was wrong
alert-since = since { $at }
alert-over = from { $at } to { $end }
alert-modem-offline = Modem { $name } is offline
alert-modem-offline-advice = See whether it is plugged in and has power, and whether its driver runs.
alert-modem-sick = Modem { $name } does not send
alert-modem-sick-advice = Its card on the page of the modems says why.
alert-balance-low = The balance of the SIM in { $name } is low
alert-balance-low-advice = Top it up; messages fail when it is used up.
alert-queue-old = A message waits too long
alert-bulk-old = A bulk message waits too long
alert-queue-old-advice = The page of the message says what it waits for.
alert-failure-rate = Too many messages fail
alert-failure-rate-advice = The messages say what the network answered. A usual cause is an empty balance.
alert-dead-letters = Something could not be read
alert-dead-letters-advice = merpati dead shows what was given up, and why.
alert-disk-low = The disk is nearly full
alert-disk-low-advice = Make room in the data folder; new messages are refused when it is full.
alert-broker-full = The queue { $name } is nearly full
alert-broker-full-advice = Let the backlog be sent, or raise nats.max_bytes; new messages are refused when it is full.
alert-sim-blocked = The SIM in { $name } has reached a limit
alert-sim-blocked-advice = Its page says which, and until when. Raise the limit, or put another SIM into its pool.
alert-quota-low = A limit of the SIM in { $name } is nearly reached
alert-quota-low-advice = Its page says how much is used.
alert-stuck-held = A message is held beyond its time
alert-stuck-sending = A modem has a message without an answer for too long
alert-stuck-uncertain = Nobody knows of a message whether it went out
alert-stuck-advice = The page of the message says what happened to it.
alert-loop-stopped = A conversation of two machines was stopped
alert-loop-stopped-advice = The sender is sent nothing back for an hour. See which service or endpoint answers it.

## What was done
audit-title = Audit log
audit-lead = What was changed, by whom and from where. Nothing here is ever changed or removed.
audit-check = Check that the log is whole
audit-whole = The log is whole: { $count } entries were checked.
audit-whole-so-far = The log is whole up to entry { $sequence }. It is longer than a page checks: merpati audit verify checks all of it.
audit-broken = The log is not whole: something is wrong with entry { $sequence }. merpati audit verify says what.
audit-who = Who: a user’s name, or local, setup, service or stranger
audit-action = Action
audit-subject = Id of what it was done to
audit-since = From
audit-until = To
audit-details = Details
audit-before = Before:
audit-after = After:
audit-from = Address
audit-door = By way of
audit-key = Key
audit-sequence = Entry
audit-hash = Hash
audit-local = The command line
audit-setup = Whoever had the set-up link ({ $name })
audit-invited = Whoever had an invitation ({ $name })
audit-program = A program of { $name }
audit-done = { $key ->
    [login-succeeded] { $who } logged in
    [login-failed] Somebody tried to log in as { $who } and was refused
    [login-ended] { $who } logged out
    [session-ended] { $who } ended sessions of { $what }
    [setup-link-made] { $who } made a new set-up link
    [setup-finished] { $who } set the gateway up and made the account { $what }
    [user-created] { $who } made the account { $what }
    [user-enabled] { $who } let the account { $what } in again
    [user-disabled] { $who } locked the account { $what } out
    [user-password-changed] { $who } changed the password of { $what }
    [user-role-changed] { $who } changed what { $what } may do
    [user-limits-changed] { $who } changed how much { $what } may send
    [user-password-link-made] { $who } made a link for a new password of { $what }
    [user-totp-set] { $who } has { $what } give codes of a phone at log-in
    [user-totp-removed] { $who } has { $what } give no codes of a phone any more
    [user-recovery-made] { $who } made new recovery codes for { $what }
    [user-recovery-used] { $who } logged in as { $what } with a recovery code
    [signin-changed] { $who } changed which roles give codes of a phone at log-in
    [user-acted] { $who } began to act as { $what }
    [user-acting-ended] { $who } stopped acting
    [invitation-made] { $who } made an invitation for { $what }
    [invitation-taken] { $who } made the account { $what } by an invitation
    [invitation-revoked] { $who } revoked the invitation for { $what }
    [team-created] { $who } made the team { $what }
    [team-changed] { $who } changed the team { $what }
    [team-removed] { $who } removed the team { $what }
    [key-created] { $who } made the key { $what }
    [key-revoked] { $who } revoked the key { $what }
    [sim-changed] { $who } changed who may use the SIM { $what }, or its pool
    [sim-limits-changed] { $who } changed how much the SIM { $what } may send
    [modem-changed] { $who } changed the modem { $what }
    [modem-forgotten] { $who } had the modem { $what } forgotten
    [modem-ussd] { $who } dialled a USSD code on { $what }
    [modem-at] { $who } sent an AT command to { $what }
    [modem-restarted] { $who } had { $what } set up anew
    [modem-reset] { $who } restarted the modem { $what }
    [modem-flight] { $who } turned the radio of { $what } off or on
    [modem-number] { $who } said which number the SIM in { $what } has
    [modem-smsc] { $who } said which service centre the SIM in { $what } uses
    [modem-pin] { $who } gave { $what } the PIN of its SIM
    [modem-traced] { $who } recorded the serial line of { $what }
    [gateway-suspended] { $who } stopped all modems
    [gateway-isolated] { $who } had programs told nothing of what is received
    [gateway-resumed] { $who } let the gateway go on
    [routes-changed] { $who } changed the ways of messages
    [credit-changed] { $who } changed the credit of { $what }
    [credit-unlimited] { $who } let { $what } send without credit
    [prices-changed] { $who } changed the prices of messages
    [optout-added] { $who } had { $what } sent nothing more
    [optout-removed] { $who } had { $what } sent messages again
    [service-created] { $who } made the service { $what }
    [service-changed] { $who } changed the service { $what }
    [service-removed] { $who } removed the service { $what }
    [service-moderated] { $who } moderated the board { $what }
    [service-cleared] { $who } had what { $what } keeps forgotten
    [webhook-created] { $who } made the webhook { $what }
    [webhook-changed] { $who } changed the webhook { $what }
    [webhook-rotated] { $who } gave the webhook { $what } another secret
    [webhook-removed] { $who } removed the webhook { $what }
    [webhook-tested] { $who } tested the webhook { $what }
    [webhook-replayed] { $who } had events sent to the webhook { $what } again
    [schedule-created] { $who } made the schedule { $what }
    [schedule-changed] { $who } changed the schedule { $what }
    [schedule-paused] { $who } paused the schedule { $what }
    [schedule-removed] { $who } removed the schedule { $what }
    [schedule-run] { $who } sent for the schedule { $what } by hand
    [broadcast-created] { $who } made the broadcast { $what }
    [broadcast-changed] { $who } changed the broadcast { $what }
    [broadcast-started] { $who } started the broadcast { $what }
    [broadcast-paused] { $who } paused the broadcast { $what }
    [broadcast-resumed] { $who } let the broadcast { $what } go on
    [broadcast-cancelled] { $who } cancelled the broadcast { $what }
    [broadcast-removed] { $who } removed the broadcast { $what }
    [conversation-changed] { $who } changed the conversation with { $what }
    [contact-created] { $who } made contacts { $what }
    [contact-changed] { $who } changed the contact { $what }
    [contact-removed] { $who } removed the contact { $what }
    [contact-restored] { $who } brought back the contact { $what }
    [contact-merged] { $who } merged contacts into { $what }
    [contact-import-uploaded] { $who } uploaded the file of contacts { $what }
    [contact-import-changed] { $who } said what the columns of { $what } are
    [contact-import-confirmed] { $who } imported contacts from { $what }
    [contact-import-undone] { $who } undid the import { $what }
    [contact-import-removed] { $who } forgot the import { $what }
    [group-created] { $who } made the group { $what }
    [group-changed] { $who } changed the group { $what }
    [group-removed] { $who } removed the group { $what }
    [group-restored] { $who } brought back the group { $what }
    [template-created] { $who } made the template { $what }
    [template-changed] { $who } changed the template { $what }
    [template-removed] { $who } removed the template { $what }
    [template-restored] { $who } brought back the template { $what }
    [history-imported] { $who } brought messages of { $what }
    [bulk-uploaded] { $who } uploaded the file { $what }
    [bulk-changed] { $who } said what is sent of the file { $what }
    [bulk-sent] { $who } sent the file { $what }
    [bulk-removed] { $who } removed the file { $what }
    [message-injected] { $who } had a message taken in that no modem received
   *[other] { $who }: { $action } { $what }
}

## Bulk
bulk-title = Bulk
bulk-unnamed = A file without a name
bulk-lead = A message for each row of a file, with what stands in its columns. Nothing is sent before you confirm it.
bulk-upload = Upload a file
bulk-file = CSV or Excel file (XLSX)
bulk-file-hint = One row for each recipient, one column with the numbers. Up to { $rows } rows and { $size } MB.
bulk-example = A small example
bulk-example-number = number
bulk-example-name = name
bulk-example-day = day
bulk-files = Your files
bulk-none = There are no files yet. Upload one above: a column with numbers, and others with what the text is to say, such as names.
bulk-rows = { $count ->
    [one] 1 row
   *[other] { $count } rows
}
bulk-kept = The rows of a file are kept for { $hours } hours.
bulk-draft = Uploaded at { $at }, not sent
bulk-sent-at = Sent at { $at }: { $count ->
    [one] 1 message
   *[other] { $count } messages
}
bulk-half-sent = Not all of its messages were accepted. Send the rest: what was accepted is not sent again.
bulk-uploaded = { $count ->
    [one] The file is here: 1 row. Say what is to be sent.
   *[other] The file is here: { $count } rows. Say what is to be sent.
}
bulk-planned = Nothing is sent yet. Look through the messages, then send them.
bulk-sent = { $count ->
    [one] 1 message was accepted.
   *[other] { $count } messages were accepted.
}
bulk-removed = The file is removed; what it sent stays.
bulk-plan = What is sent
bulk-has-names = The first row names the columns
bulk-column = Column with the numbers
bulk-mend = Put a 0 before numbers that begin with neither 0 nor +
bulk-text-hint = A column's name in braces is filled in from each row. Two braces {"{{"} are one brace.
bulk-more = When, from which SIM, how urgent
bulk-pool = Pool of modems (may stay empty)
bulk-priority = Priority
bulk-priority-bulk = Bulk: others go first
bulk-priority-normal = Normal
bulk-when-hint = Without a date it is sent at once.
bulk-look = Look through
bulk-review = Look through
bulk-steps = Messages of this file, one by one
bulk-messages = Messages
bulk-parts = Parts in all
bulk-skipped = Skipped rows
bulk-when = When
bulk-at-once = At once
bulk-at = At { $at }
bulk-unicode = { $count ->
    [one] 1 message has letters that make it longer (70 instead of 160 characters in a part).
   *[other] { $count } messages have letters that make them longer (70 instead of 160 characters in a part).
}
bulk-cut-off = { $count ->
    [one] 1 number begins with neither 0 nor +. If a spreadsheet has cut its 0, tick that below.
   *[other] { $count } numbers begin with neither 0 nor +. If a spreadsheet has cut their 0, tick that below.
}
bulk-step = Message { $at } of { $of }
bulk-before = The message before
bulk-after = The next message
bulk-of-line = row { $line }
bulk-skipped-rows = Show the first of them
bulk-skipped-csv = All of them as CSV
bulk-line = Row
bulk-number = Number
bulk-reason = Reason
bulk-nothing-yet = Nothing is sent until you press this.
bulk-send = { $count ->
    [one] Send 1 message
   *[other] Send { $count } messages
}
bulk-nothing = No row becomes a message: look at the reasons, and at the column with the numbers.
bulk-progress = How far it is
bulk-list = Its messages
bulk-list-of = Its messages, part { $at } of { $of }
bulk-done = { $done } of { $total } were sent or came to an end
bulk-order-paused = paused
bulk-order-cancelled = cancelled
bulk-send-rest = Send the rest
bulk-look-again = Look again
bulk-pause = Pause
bulk-resume = Go on
bulk-cancel = Cancel what is not sent
bulk-paused = Paused. What a modem has already goes out.
bulk-resumed = It goes on.
bulk-cancelled = Cancelled. What a modem had already goes out.
bulk-is-cancelled = It was cancelled, and cannot go on. Upload the file again to send the rest.
batch-is-cancelled = This sending was cancelled and cannot go on. Send the rest as a new message.
bulk-order-failed = The gateway could not do that for all messages. Try again in a moment.
bulk-remove = Remove the file
bulk-all = All files
bulk-skip-no-number = There is no number
bulk-skip-not-a-number = It is no number that can be dialled
bulk-skip-rounded = A spreadsheet has rounded the number (6.28E+11): make the column text, and enter the number again
bulk-skip-twice = An earlier row has the number
bulk-skip-opted-out = Opted out: sent nothing more
bulk-skip-destination = Nothing is sent to such numbers
bulk-skip-no-text = The text is empty
bulk-skip-too-long = The text is too long
bulk-skip-unsendable = The text cannot be sent
bulk-too-many = There are { $most } files already. Remove one first.
bulk-gone = The rows are gone: they are kept for a day. Upload the file again.
bulk-is-sending = It is being sent already, and cannot be changed.
bulk-changed = What is sent was changed meanwhile. Look through it again.
bulk-bad-column = Choose the column with the numbers.
bulk-bad-text = The text is empty, or has more than { $most } characters.
bulk-no-column = There is no column { $name }. Write a name from the list below the text.
bulk-open-brace = The brace at character { $at } is not closed.
bulk-over = The time is over. Choose a later one.
bulk-file-empty = The file is empty.
bulk-file-too-large = The file is larger than { $most } MB. Split it, or leave out columns.
bulk-file-too-many-rows = The file has more than { $most } rows. Split it.
bulk-file-too-wide = Row { $line } has more than { $most } columns. Leave some out.
bulk-file-long-cell = A cell of row { $line } is too long. Is a quotation mark missing there?
bulk-file-too-much = The file holds too much text. Split it, or leave out columns.
bulk-file-old = This is a workbook of an old Excel, or one with a password. Save it as XLSX without a password, or as CSV.
bulk-file-broken = The workbook cannot be read. Open it and save it again as XLSX, or as CSV.
bulk-file-no-sheet = This is neither CSV nor XLSX.
reports-title = Reports
reports-period = Time
reports-today = Today
reports-days = { $days } days
reports-months = { $months } months
reports-own = From one day to another
reports-choose = Another time, or some messages only
reports-from = From
reports-to = To
reports-user = Only messages of this user
reports-sim = Only messages through this SIM
reports-priority = Only messages of this priority
reports-all = All
reports-otp = One-time passwords
reports-normal = Normal
reports-bulk = Bulk
reports-zone-label = Days are those of this time zone
reports-show = Show
reports-empty = No message was accepted or received in this time. What becomes of each, how long it takes and what goes wrong is counted here from the first one on.
reports-funnel = What became of the messages
reports-beside = Where the others are
reports-parts-and-received = They were sent in { $parts } parts. { $received } messages were received.
reports-waiting = Waiting or on their way
reports-unreported = Sent, no report yet
reports-unsent = Failed, refused, too late
reports-wrong = Not delivered, failed, refused, too late
reports-chart = Messages by when they were accepted
reports-chart-description = Columns from { $first } to { $last }. The highest is that of { $highest }, with { $most } messages. The same stands in the table below.
reports-table = The same as a table
reports-when = When
reports-hour = { $hour }:00
reports-parts = Parts
reports-received = Received
reports-times = How long it took
reports-step = Step
reports-median = Median
reports-p95 = 95th percentile
reports-messages = Messages
reports-to-send = Until the network had it
reports-to-deliver = From there until the report of its delivery
reports-times-hint = Half took no longer than the median, and 95 of 100 no longer than the 95th percentile. About so long: times are counted in steps, each twice as long as the one before. A message that was to be sent later counts from then on.
reports-seconds = { $seconds } s
reports-minutes = { $minutes } min
reports-hours = { $hours } h
reports-errors = What went wrong
reports-errors-hint = The page of a message says what happened to it:
reports-other = Another problem
reports-network-gave-up = The network gave up
reports-by-sim = By SIM
reports-by-user = By user
reports-users = users
reports-sims = SIMs
reports-by-day = days
reports-by-month = months
reports-by-hour = hours of the day
reports-by-priority = priorities
reports-by-error = errors
reports-none = None
reports-of-which = { $sent } sent, { $delivered } delivered, { $wrong } went wrong
reports-backwards = The last day is before the first one.
reports-too-long = A report is of { $days } days at most. Choose a shorter time, or look at one year after the other.
reports-no-such-user = There is no user of that name whose messages you may see.
reports-no-such-zone = That is no time zone that is known here: write one such as Asia/Jakarta.
reports-how = A message counts on the day on which it was accepted, whenever it came to its end. Counts stay when messages are deleted.
reports-zone = Days are those of the time zone
