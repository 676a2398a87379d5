package tui

// act is what a key asks for. The table below is the only place where keys
// are tied to acts: help, key row and manual are printed from it, and a
// person's own keys are laid over it.
type act string

const (
	actUp       act = "up"
	actDown     act = "down"
	actLeft     act = "left"
	actRight    act = "right"
	actTop      act = "top"
	actEnd      act = "end"
	actPageUp   act = "page up"
	actPageDown act = "page down"
	actOpen     act = "open"
	actBack     act = "back"
	actNextFail act = "next failure"
	actPrevFail act = "previous failure"
	actFilter   act = "filter"
	actPalette  act = "palette"
	actHelp     act = "help"
	actCopy     act = "copy"
	actMark     act = "mark"
	actRetry    act = "retry"
	actPause    act = "pause"
	actCancel   act = "cancel"
	actStop     act = "stop"
	actApprove  act = "approvals"
	actReject   act = "reject"
	actFails    act = "failures"
	actTasks    act = "tasks"
	actLocales  act = "locales"
	actStage    act = "stage"
	actRunning  act = "running"
	actForecast act = "forecast"
	actNextRun  act = "next release"
	actDeps     act = "dependencies"
	actAttempts act = "attempts"
	actError    act = "error"
	actErrorUp  act = "previous error"
	actReplay   act = "replay"
	actUpdates  act = "updates"
	actSigning  act = "signing"
	actRollout  act = "rollout"
	actHalt     act = "halt or resume"
	actMails    act = "mails"
	actHistory  act = "history"
	actNew      act = "new"
	actInit     act = "init"
	actWrap     act = "wrap"
	actFollow   act = "follow"
	actPager    act = "pager"
	actVerify   act = "verify"
	actTheme    act = "theme"
	actMouse    act = "mouse"
	actRepaint  act = "repaint"
	actSuspend  act = "suspend"
	actDetach   act = "detach"
	actQuitMenu act = "quit menu"
)

// group is a column of the help page.
type group string

const (
	groupMove group = "MOVE"
	groupAct  group = "ACT"
	groupView group = "VIEW"
)

// binding ties keys to an act.
type binding struct {
	keys    []string
	act     act
	group   group
	help    string
	screens []screenName // empty: everywhere
}

type screenName string

const (
	screenHome    screenName = "releases"
	screenBoard   screenName = "board"
	screenTasks   screenName = "tasks"
	screenTask    screenName = "task"
	screenFails   screenName = "failures"
	screenGates   screenName = "approvals"
	screenUpdates screenName = "updates"
	screenSigning screenName = "signing"
	screenRollout screenName = "rollout"
	screenMails   screenName = "mails"
	screenHistory screenName = "history"
	screenReplay  screenName = "replay"
	screenCast    screenName = "forecast"
	screenWizard  screenName = "new release"
)

// onRun are the screens that show one release.
var onRun = []screenName{
	screenBoard, screenTasks, screenTask, screenFails, screenGates, screenUpdates, screenSigning, screenRollout, screenMails, screenHistory, screenCast,
}

// live are the screens that show the present: the past takes no orders.
var live = append([]screenName{screenHome}, onRun...)

// walked are the screens on which one goes from failure to failure, opening those
// with rows to open.
var (
	walked  = []screenName{screenBoard, screenTasks, screenTask}
	opening = []screenName{screenHome, screenBoard, screenTasks, screenFails, screenGates, screenUpdates, screenRollout, screenHistory, screenCast}
)

// standardKeys: lower case mostly looks, what changes the world is a capital,
// and nothing that changes it sits on a control key. A line without help is
// told together with the one before it.
var standardKeys = Keymap{
	{[]string{"up", "k"}, actUp, groupMove, "row up, down", nil},
	{[]string{"down", "j"}, actDown, groupMove, "", nil},
	{[]string{"left", "h"}, actLeft, groupMove, "column; replay: event", []screenName{screenBoard, screenReplay}},
	{[]string{"right", "l"}, actRight, groupMove, "", []screenName{screenBoard, screenReplay}},
	{[]string{"g", "home"}, actTop, groupMove, "top, end", nil},
	{[]string{"G", "end"}, actEnd, groupMove, "", nil},
	{[]string{"ctrl+u", "pgup"}, actPageUp, groupMove, "page up, down", nil},
	{[]string{"ctrl+d", "pgdown"}, actPageDown, groupMove, "", nil},
	{[]string{"["}, actPrevFail, groupMove, "previous, next failure", walked},
	{[]string{"]"}, actNextFail, groupMove, "", walked},
	{[]string{"n"}, actError, groupMove, "next, previous error", []screenName{screenTask}},
	{[]string{"N"}, actErrorUp, groupMove, "", []screenName{screenTask}},
	{[]string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, actStage, groupMove, "stage by its number", []screenName{screenBoard}},
	{[]string{"esc"}, actBack, groupMove, "back one screen", nil},

	{[]string{"enter"}, actOpen, groupAct, "open", opening},
	{[]string{"n"}, actNew, groupAct, "new release", []screenName{screenHome}},
	{[]string{"i"}, actInit, groupAct, "begin a slipway.yaml", []screenName{screenHome}},
	{[]string{"R"}, actRetry, groupAct, "retry marked or failed", []screenName{screenBoard, screenTasks, screenTask, screenFails}},
	{[]string{"A"}, actApprove, groupAct, "approvals", live},
	{[]string{"D"}, actReject, groupAct, "decline a gate", []screenName{screenGates}},
	{[]string{"P"}, actPause, groupAct, "pause or resume", onRun},
	{[]string{"X"}, actCancel, groupAct, "cancel the task", []screenName{screenTasks, screenTask}},
	{[]string{"X"}, actHalt, groupAct, "halt or resume the rollout", []screenName{screenRollout}},
	{[]string{"Z"}, actStop, groupAct, "all stop", onRun},
	{[]string{"space"}, actMark, groupAct, "mark", []screenName{screenTasks}},
	{[]string{"y"}, actCopy, groupAct, "copy", nil},
	{[]string{"v"}, actVerify, groupAct, "verify the chain", []screenName{screenHistory}},

	{[]string{"/"}, actFilter, groupView, "filter", []screenName{screenHome, screenTasks, screenHistory, screenTask}},
	{[]string{":"}, actPalette, groupView, "command palette", nil},
	{[]string{"?"}, actHelp, groupView, "help", nil},
	{[]string{"t"}, actTasks, groupView, "tasks", onRun},
	{[]string{"r"}, actRunning, groupView, "what runs", onRun},
	{[]string{"F"}, actFails, groupView, "failures by cause", live},
	{[]string{"c"}, actForecast, groupView, "what decides the end", onRun},
	{[]string{"z"}, actLocales, groupView, "locale by locale", []screenName{screenBoard}},
	{[]string{"d"}, actDeps, groupView, "needs and needed by", []screenName{screenTasks, screenTask}},
	{[]string{"a"}, actAttempts, groupView, "earlier attempts", []screenName{screenTask}},
	{[]string{"p"}, actReplay, groupView, "the board at that moment", []screenName{screenHistory}},
	{[]string{"u"}, actUpdates, groupView, "updates and cache", onRun},
	{[]string{"s"}, actSigning, groupView, "signing", onRun},
	{[]string{"O"}, actRollout, groupView, "rollout", onRun},
	{[]string{"e"}, actMails, groupView, "mails", onRun},
	{[]string{"H"}, actHistory, groupView, "history", onRun},
	{[]string{"b"}, actNextRun, groupView, "next release's board", onRun},
	{[]string{"w"}, actWrap, groupView, "wrap lines", []screenName{screenTask}},
	{[]string{"f"}, actFollow, groupView, "follow the log", []screenName{screenTask}},
	{[]string{"o"}, actPager, groupView, "log in $PAGER", []screenName{screenTask}},
	{[]string{"T"}, actTheme, groupView, "next theme", nil},
	{[]string{"m"}, actMouse, groupView, "mouse on or off", nil},
	{[]string{"ctrl+l"}, actRepaint, groupView, "repaint", nil},
	{[]string{"ctrl+z"}, actSuspend, groupView, "suspend", nil},
	{[]string{"q", "ctrl+c"}, actDetach, groupView, "detach, engine runs on", nil},
	{[]string{"Q"}, actQuitMenu, groupView, "quit menu", nil},
}
