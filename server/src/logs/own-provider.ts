/** Provider of what this server ran itself: agents. */
export const ownProvider = 'whetstone';
