# Uchat: the conversation in English.

t-day-before = Yesterday
t-today = Today
t-day = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}, { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $day }
t-day-of-year = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $day }, { $year }
t-new-messages = New messages
t-history-above = Loading earlier messages …
t-say-hello = No messages yet. Say hello!
t-chip-new = { $count } new
t-show-more = Show more ({ $size } left)
t-file-open = Open
t-file-save = Save
t-file-get = Get
t-file-cancel = Cancel
t-file-waiting = Waiting
t-file-folder = Open folder
t-file-offline = The connection to the server was lost.
t-file-too-many = Too many files are on their way: try again when one has arrived.
t-file-gone = It is not there any more: { $path }
t-file-empty = There is nothing in it that could be sent.
t-file-changed = It was changed while it was sent.
t-file-wrong = The server sent something else than this file.
t-file-unknown = File
t-cant-show = This message can't be shown here.
t-taken-back = This message was taken back.
t-took-back = Took a message back.
t-discard = Discard
t-not-sent = Not sent
t-retry = Retry
t-copied-image = [Image]
t-copied-file = [File]
t-copied-other = [Can't be shown]
t-copy-all = { $size } more can't be shown here · copy all
t-thumb-loading = Loading …
t-thumb-broken = Broken or too large to show
# For screen readers.
t-messages = Messages
t-to-newest = To the newest message
t-spoken = { $who }, { $when }: { $what }
t-spoken-own = { $who }, { $when }: { $what }, { $state }
t-sending = sending
t-sent = sent
t-arrived = arrived
t-read = read
t-spoken-line = { $when }: { $what }
# What has changed in a room.
t-line-joined = { $alone ->
    [yes] { $actor } joined
   *[no] { $actor } let { $name } in
}
t-line-left = { $known ->
    [no] { $actor } left
   *[yes] { $actor } left; { $detail } owns the room now
}
t-line-removed = { $actor } removed { $name }
t-line-renamed = { $actor } renamed the room to "{ $detail }"
t-line-handed-over = { $actor } handed the room over to { $name }
t-line-entry = { $detail ->
    [open] { $actor } opened the room to everybody who has its number
    [approval] { $actor } now lets in who asks, one by one
   *[invitation] { $actor } now lets people in by invitation only
}
t-line-muted = { $detail ->
    [off] { $actor } lets everybody speak again
   *[on] { $actor } muted the room
}
t-line-voice = { $detail ->
    [off] { $actor } took back the voice of { $name }
   *[on] { $actor } gave { $name } a voice
}
t-line-closed = { $actor } closed the room
t-take-back = Take back
