"""Dataverse and its surroundings: environments by discovery and admin list, and a user's access to one."""
