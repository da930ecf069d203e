from typing import get_args

import pytest

from mien.params import AnyVariant
from mien.train.families import FAMILIES
from mien.train.trainer import trainer


def test_every_family_has_a_model_of_settings() -> None:
    models = get_args(get_args(AnyVariant)[0])
    assert {get_args(model.model_fields["family"].annotation)[0] for model in models} == {*FAMILIES}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_leaves_the_file_that_its_record_names(family: str) -> None:
    assert FAMILIES[family].model == trainer(family).MODEL


@pytest.mark.parametrize("family", FAMILIES)
def test_the_licences_of_a_family_are_those_of_packages_that_its_cards_name(family: str) -> None:
    assert {*FAMILIES[family].licences} <= {*trainer(family).PACKAGES}
