from edge.scanners.document_camera.eye import Eye
from edge.scanners.document_camera.mat_simulator import LaidDown, MatSimulator
from edge.scanners.document_camera.source import Shot
from edge.scanners.document_camera.watch import Look


def test_empty_sheet_hand_and_capture_are_told_apart_through_noise() -> None:
    mat = MatSimulator(size=(640, 476))
    eye = Eye(mat.calibration(4))

    def look() -> Look:
        return eye.look(Shot(mat.jpeg()).small())

    look()
    assert look() == Look(False, False, False, False)
    mat.sheets["a"] = LaidDown("card_front", 200, 150, 10)
    assert look() == Look(True, True, False, False)
    assert look() == Look(True, False, False, False)
    eye.captured()
    assert look() == Look(True, False, False, True)
    mat.hand = True
    look()
    assert look() == Look(True, False, True, False)
    mat.hand = False
    look()
    assert look().as_captured


def test_a_card_that_is_turned_over_where_it_lies_is_another_sheet() -> None:
    mat = MatSimulator(size=(640, 476))
    eye = Eye(mat.calibration(4))
    for angle in (0.0, 5.0, 40.0):
        mat.sheets["a"] = LaidDown("card_front", 200, 150, angle)
        eye.look(Shot(mat.jpeg()).small())
        eye.captured()
        assert all(eye.look(Shot(mat.jpeg()).small()).as_captured for _ in range(5))
        mat.sheets["a"] = LaidDown("card_back", 200, 150, angle)
        assert not eye.look(Shot(mat.jpeg()).small()).as_captured
