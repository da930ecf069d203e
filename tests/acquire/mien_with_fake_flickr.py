"""The real `mien` command, but its Flickr is the one at $FAKE_FLICKR: a `FakeFlickr.rest_url`."""

import os

import flickrapi

from mien.cli import main

flickrapi.FlickrAPI.REST_URL = os.environ["FAKE_FLICKR"]
main()
