package tui

import "strings"

// act is what a key asks for. The table below is the only place where keys
// are tied to acts: help, key row and manual are printed from it.
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
	actUpdates  act = "updates"
	actSigning  act = "signing"
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

// binding ties keys to an act. Lower case looks, capitals change the world;
// nothing that destroys sits on a control key.
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
	screenMails   screenName = "mails"
	screenHistory screenName = "history"
	screenWizard  screenName = "new release"
)

// onRun are the screens that show one release.
var onRun = []screenName{
	screenBoard, screenTasks, screenTask, screenFails, screenGates, screenUpdates, screenSigning, screenMails, screenHistory,
}

var bindings = []binding{
	{[]string{"up", "k"}, actUp, groupMove, "row up", nil},
	{[]string{"down", "j"}, actDown, groupMove, "row down", nil},
	{[]string{"left", "h"}, actLeft, groupMove, "left", nil},
	{[]string{"right", "l"}, actRight, groupMove, "right", nil},
	{[]string{"g", "home"}, actTop, groupMove, "top", nil},
	{[]string{"G", "end"}, actEnd, groupMove, "end", nil},
	{[]string{"ctrl+u", "pgup"}, actPageUp, groupMove, "page up", nil},
	{[]string{"ctrl+d", "pgdown"}, actPageDown, groupMove, "page down", nil},
	{[]string{"["}, actPrevFail, groupMove, "previous failure", onRun},
	{[]string{"]"}, actNextFail, groupMove, "next failure", onRun},
	{[]string{"esc"}, actBack, groupMove, "back, never out", nil},

	{[]string{"enter"}, actOpen, groupAct, "open", nil},
	{[]string{"n"}, actNew, groupAct, "new release", []screenName{screenHome}},
	{[]string{"i"}, actInit, groupAct, "begin a slipway.yaml", []screenName{screenHome}},
	{[]string{"R"}, actRetry, groupAct, "retry marked or failed", []screenName{screenBoard, screenTasks, screenTask, screenFails}},
	{[]string{"A"}, actApprove, groupAct, "approvals", nil},
	{[]string{"D"}, actReject, groupAct, "decline a gate", []screenName{screenGates}},
	{[]string{"P"}, actPause, groupAct, "pause or resume", onRun},
	{[]string{"X"}, actCancel, groupAct, "cancel the task", []screenName{screenTasks, screenTask}},
	{[]string{"Z"}, actStop, groupAct, "all stop", onRun},
	{[]string{"space"}, actMark, groupAct, "mark", []screenName{screenTasks}},
	{[]string{"y"}, actCopy, groupAct, "copy the command", nil},
	{[]string{"v"}, actVerify, groupAct, "verify the chain", []screenName{screenHistory}},

	{[]string{"/"}, actFilter, groupView, "filter", []screenName{screenHome, screenTasks, screenHistory, screenTask}},
	{[]string{":"}, actPalette, groupView, "command palette", nil},
	{[]string{"?"}, actHelp, groupView, "help", nil},
	{[]string{"t"}, actTasks, groupView, "tasks", onRun},
	{[]string{"z"}, actLocales, groupView, "locale by locale", []screenName{screenBoard}},
	{[]string{"F"}, actFails, groupView, "failures by cause", nil},
	{[]string{"u"}, actUpdates, groupView, "updates and cache", onRun},
	{[]string{"s"}, actSigning, groupView, "signing", onRun},
	{[]string{"e"}, actMails, groupView, "mails", onRun},
	{[]string{"H"}, actHistory, groupView, "history", onRun},
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

// on tells whether a binding works on a screen.
func (b binding) on(s screenName) bool {
	if len(b.screens) == 0 {
		return true
	}
	for _, x := range b.screens {
		if x == s {
			return true
		}
	}
	return false
}

// actOf is what a key means on a screen; empty when nothing.
func actOf(key string, s screenName) act {
	for _, b := range bindings {
		for _, k := range b.keys {
			if k == key && b.on(s) {
				return b.act
			}
		}
	}
	return ""
}

// keyOf is the first key of an act, for hints.
func keyOf(a act) string {
	for _, b := range bindings {
		if b.act == a {
			return b.keys[0]
		}
	}
	return ""
}

// hints is the key row: the acts named, those that do not fit left out.
func hints(acts ...act) string {
	parts := make([]string, len(acts))
	for i, a := range acts {
		parts[i] = keyOf(a) + " " + string(a)
	}
	return strings.Join(parts, "  ")
}

// KeysMarkdown is the key map as a table, for the manual.
func KeysMarkdown() string {
	var b strings.Builder
	b.WriteString("| Keys | Does | Where |\n|---|---|---|\n")
	for _, k := range bindings {
		where := "everywhere"
		if len(k.screens) == len(onRun) {
			where = "on a release"
		} else if len(k.screens) > 0 {
			names := make([]string, len(k.screens))
			for i, s := range k.screens {
				names[i] = string(s)
			}
			where = strings.Join(names, ", ")
		}
		b.WriteString("| `" + strings.Join(k.keys, "` `") + "` | " + k.help + " | " + where + " |\n")
	}
	return b.String()
}
