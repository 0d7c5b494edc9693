"""The embedded planner. Importing this loads neither spaCy nor its model; planning does."""

from planners.storybook.planner import StorybookPlanner

__all__ = ["StorybookPlanner"]
