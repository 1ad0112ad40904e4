"""Neighbours learn of things in public places, never of homes."""

from __future__ import annotations

import pytest

from domain.cases.neighbours import names_a_home, public_place

HOMES = (
    "李四家三楼 卧室",
    "3单元502室",
    "幸福路12号",
    "7栋",
    "五楼",
    "２号楼２户",
    "王大妈屋后",
    "出租房门口",
    "我家隔壁",
    "阳光公寓",
    "Li's house",
    "Flat 3, Station Road",
    "No. 12",
)
PUBLIC = (
    "村口老樟树下",
    "人民路和解放路口",
    "小学门口",
    "3号路灯",
    "卫生室旁边的路",
    "国道桥头",
    "the bridge on Mill Road",
    "大家常走的那座桥",
)


@pytest.mark.parametrize("place", HOMES)
def test_home_is_not_shown_as_a_place(place: str) -> None:
    assert names_a_home(place)
    assert public_place(place) == ""


@pytest.mark.parametrize("place", PUBLIC)
def test_street_or_landmark_is_shown(place: str) -> None:
    assert not names_a_home(place)
    assert public_place(place) == place


@pytest.mark.parametrize("place", ["", "李四那里", "北边"])
def test_nothing_is_shown_when_a_place_names_no_street_or_landmark(place: str) -> None:
    assert public_place(place) == ""


def test_shown_place_holds_no_number() -> None:
    assert public_place("村口大桥下，打13812345678") == "村口大桥下，打…"
