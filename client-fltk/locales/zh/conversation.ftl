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
