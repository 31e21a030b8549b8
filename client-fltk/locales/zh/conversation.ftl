# Uchat：会话，中文。

t-day-before = 昨天
t-today = 今天
t-day = { $month }月{ $day }日 { $weekday ->
    [1] 星期一
    [2] 星期二
    [3] 星期三
    [4] 星期四
    [5] 星期五
    [6] 星期六
   *[7] 星期日
}
t-day-of-year = { $year }年{ $month }月{ $day }日
t-new-messages = 以下是新消息
t-history-above = 正在加载更早的消息……
t-say-hello = 还没有消息，打个招呼吧！
t-chip-new = { $count } 条新消息
t-show-more = 展开更多（还有 { $size }）
t-file-open = 打开
t-file-save = 保存
t-file-get = 接收
t-file-cancel = 取消
t-file-waiting = 等待中
t-file-folder = 打开文件夹
t-file-offline = 与服务器的连接已断开。
t-file-too-many = 传输中的文件过多，请等其中一个完成后再试。
t-file-gone = 文件已不在原处：{ $path }
t-file-empty = 没有可以发送的内容。
t-file-changed = 文件在发送过程中被改动。
t-file-wrong = 服务器发来的不是这个文件。
t-file-unknown = 文件
t-cant-show = 这条消息无法在这里显示。
t-taken-back = 这条消息已撤回。
t-took-back = 撤回了一条消息。
t-discard = 放弃
t-not-sent = 未发送
t-retry = 重试
t-copied-image = [图片]
t-copied-file = [文件]
t-copied-other = [无法显示]
t-copy-all = 还有 { $size } 无法在此显示 · 复制全文
t-thumb-loading = 正在加载……
t-thumb-broken = 图片已损坏或过大
# 供读屏软件使用。
t-messages = 消息
t-to-newest = 回到最新消息
t-spoken = { $who }，{ $when }：{ $what }
t-spoken-own = { $who }，{ $when }：{ $what }，{ $state }
t-sending = 正在发送
t-sent = 已发送
t-arrived = 已送达
t-read = 已读
t-spoken-line = { $when }：{ $what }
# 群里的变动。
t-line-joined = { $alone ->
    [yes] { $actor } 加入了群
   *[no] { $actor } 同意 { $name } 加入群
}
t-line-left = { $known ->
    [no] { $actor } 退出了群
   *[yes] { $actor } 退出了群，群主现为 { $detail }
}
t-line-removed = { $actor } 将 { $name } 移出了群
t-line-renamed = { $actor } 将群名改为“{ $detail }”
t-line-handed-over = { $actor } 将群主转让给 { $name }
t-line-entry = { $detail ->
    [open] { $actor } 设为凭群号加入
    [approval] { $actor } 设为经群主同意加入
   *[invitation] { $actor } 设为只能受邀加入
}
t-line-muted = { $detail ->
    [off] { $actor } 解除了禁言
   *[on] { $actor } 开启了禁言
}
t-line-voice = { $detail ->
    [off] { $actor } 不再允许 { $name } 在禁言时发言
   *[on] { $actor } 允许 { $name } 在禁言时发言
}
t-line-closed = { $actor } 解散了群
t-take-back = 撤回
