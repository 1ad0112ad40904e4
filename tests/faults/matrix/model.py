"""Independent model of the readers of each subject, written by hand from the rules.

A change of the rules (roles, levels of a report, exclusions) is a change of these tables, and of nothing else in the matrix.
"""

from __future__ import annotations

#: Everybody who tries, by what they are. 上徐 and 下李 have the same officer, 河口 another one; 三村 belongs to another station.
PRINCIPALS = (
    "stranger",
    "forgotten",
    "reporter",
    "villager",
    "villager of 下李",
    "villager of 三村",
    "member",
    "deputy",
    "suspended",
    "secretary",
    "chair",
    "chair of 下李",
    "chair of 河口",
    "ex-chair",
    "officer",
    "officer of 河口",
    "duty",
    "leader",
    "administrator",
    "chair of 三村",
    "officer of 三村",
    "duty of 三村",
    "leader of 三村",
    "mediator",
    "patrol leader",
    "judicial office",
    "traffic control",
    "auditor",
)

_STATION = {"duty", "leader"}
_POLICE = {"officer", *_STATION}
_OFFICE = {"chair", "deputy", *_POLICE}
_VILLAGE = {"reporter", "villager", "member", "deputy", "secretary", "chair", "ex-chair", "mediator", "patrol leader"}
_ABROAD = {"chair of 三村", "officer of 三村", "duty of 三村", "leader of 三村"}

#: Situation of a case → who may read its words. Its village is 上徐 and its reporter "reporter", if its name does not say otherwise.
CASES: dict[str, set[str]] = {
    "open": {"reporter", *_OFFICE},
    "accepted": {"reporter", *_OFFICE},
    "mediating": {"reporter", *_OFFICE},
    "escalated": {"reporter", *_OFFICE},
    "acknowledged": {"reporter", *_OFFICE},
    "joint": {"reporter", *_OFFICE},
    "settled": {"reporter", *_OFFICE},
    "referred": {"reporter", *_OFFICE},
    "closed": {"reporter", *_OFFICE},
    "withdrawn": {"reporter", *_OFFICE},
    "hidden": {"reporter", *_OFFICE},
    "sealed": {"reporter", *_OFFICE},
    "restricted": {"reporter", *_POLICE},  # the officer's, who escalates it to duty desk and leader in the end
    "hazard": {"reporter", *_OFFICE},
    "sos": {"reporter", *_OFFICE},
    "party: the chair": {"reporter", *_POLICE},
    "the chair's own": {"chair", *_POLICE},
    "another village": {"villager of 下李", "chair of 下李", *_POLICE},
    "another officer's": {"chair of 河口", "officer of 河口", *_STATION},
    "another station": {"villager of 三村", *_ABROAD},
    "a forgotten reporter": set(_OFFICE),
}
#: Who may learn the number, kind, state and age of a case of 上徐, and no words: of a restricted one nobody.
SUMMARY = {"secretary"}
#: Situation of a case → who reads its reporter's name. The name of any other case's reporter is read by its readers.
NAMES: dict[str, set[str]] = {"hidden": {"reporter", *_POLICE}, "sealed": {"reporter"}}
#: Situations that nobody but their readers may learn of.
SHUT = {"restricted"}
#: Situations of cases elsewhere.
ELSEWHERE = {"another village", "another officer's", "another station"}
#: Kind of any other subject → who may read it or be told of it: one of each, in 上徐.
OTHERS: dict[str, set[str]] = {
    "alert": {*_VILLAGE, *_POLICE, "administrator"},
    "alert_help": set(_OFFICE),
    "training": {*_VILLAGE, *_POLICE},
    "broadcast": {*_VILLAGE, *_POLICE},
    "found": {"reporter", "chair", "deputy", *_POLICE},
    "lost": {"villager"},
    "claim": {"villager", "chair", "deputy", *_POLICE},
    "appointment": {"leader", "administrator"},
    "import": {"leader"},
    "relocation": {"somebody of 河口", "chair", "deputy", *_POLICE},
    "block": {"chair", *_POLICE},
    "missing": set(_POLICE),
    "escort": {"reporter", "traffic control", *_POLICE},
    "drill": set(_OFFICE),
    "rota": {"officer of 河口", *_POLICE},
    "opinion": {"villager", "leader"},
}
