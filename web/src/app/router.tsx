import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { call } from '../api/client.ts';
import { query } from '../api/query.ts';
import { PageError, PageMissing, PagePending, RootFrame } from './frames.tsx';
import { queryClient } from './query-client.ts';
import * as search from './search.ts';

const root = createRootRoute({ component: RootFrame, notFoundComponent: PageMissing });

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const instance = await call('instance.get');
    if (instance.needs_owner) throw redirect({ to: '/setup' });
    const me = await call('me.get').catch(() => null);
    if (me === null || me.user === null) throw redirect({ to: '/sign-in' });
    const last = localStorage.getItem('whetstone.workspace');
    const slug = me.workspaces.find((one) => one.slug === last)?.slug ?? me.workspaces[0]?.slug;
    if (slug === undefined) throw redirect({ to: '/no-workspace' });
    throw redirect({ to: '/w/$slug', params: { slug } });
  },
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('../pages/door/setup-page.tsx'), 'SetupPage'),
});
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: search.nextSearch,
  component: lazyRouteComponent(() => import('../pages/door/sign-in-page.tsx'), 'SignInPage'),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invite/$token',
  component: lazyRouteComponent(() => import('../pages/door/invitation-page.tsx'), 'InvitationPage'),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset/$token',
  component: lazyRouteComponent(() => import('../pages/door/reset-page.tsx'), 'ResetPage'),
});
const noWorkspace = createRoute({
  getParentRoute: () => root,
  path: '/no-workspace',
  component: lazyRouteComponent(() => import('../pages/door/no-workspace-page.tsx'), 'NoWorkspacePage'),
});

const workspace = createRoute({
  getParentRoute: () => root,
  path: '/w/$slug',
  beforeLoad: async ({ params, location }) => {
    const me = await queryClient.ensureQueryData(query('me.get')).catch((error: unknown) => {
      if (error instanceof Error && 'status' in error && error.status === 401) return null;
      throw error;
    });
    if (me === null || me.user === null) throw redirect({ to: '/sign-in', search: { next: location.href } });
    if (me.workspace === null) throw new Error(`There is no workspace “${params.slug}”, or you are not a member of it.`);
    localStorage.setItem('whetstone.workspace', params.slug);
  },
  component: lazyRouteComponent(() => import('./workspace-frame.tsx'), 'WorkspaceFrame'),
  notFoundComponent: PageMissing,
});

const home = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  validateSearch: search.homeSearch,
  component: lazyRouteComponent(() => import('../pages/home/home-page.tsx'), 'HomePage'),
});
const connect = createRoute({
  getParentRoute: () => workspace,
  path: '/connect',
  component: lazyRouteComponent(() => import('../pages/connect/connect-page.tsx'), 'ConnectPage'),
});
const files = createRoute({
  getParentRoute: () => workspace,
  path: '/files',
  validateSearch: search.filesSearch,
  component: lazyRouteComponent(() => import('../pages/files/files-page.tsx'), 'FilesPage'),
});
const file = createRoute({
  getParentRoute: () => workspace,
  path: '/files/$fileId',
  component: lazyRouteComponent(() => import('../pages/file/file-frame.tsx'), 'FileFrame'),
});
const fileEditor = createRoute({
  getParentRoute: () => file,
  path: '/',
  validateSearch: search.editorSearch,
  component: lazyRouteComponent(() => import('../pages/file/content-page.tsx'), 'ContentPage'),
});
const fileVersions = createRoute({
  getParentRoute: () => file,
  path: '/versions',
  validateSearch: search.versionsSearch,
  component: lazyRouteComponent(() => import('../pages/file/versions-page.tsx'), 'VersionsPage'),
});
const fileLogs = createRoute({
  getParentRoute: () => file,
  path: '/logs',
  validateSearch: search.logsSearch,
  component: lazyRouteComponent(() => import('../pages/file/file-logs-page.tsx'), 'FileLogsPage'),
});
const fileMonitoring = createRoute({
  getParentRoute: () => file,
  path: '/monitoring',
  validateSearch: search.monitoringSearch,
  component: lazyRouteComponent(() => import('../pages/file/monitoring/monitoring-page.tsx'), 'MonitoringPage'),
});
const fileDeployments = createRoute({
  getParentRoute: () => file,
  path: '/deployments',
  component: lazyRouteComponent(() => import('../pages/file/deployments-page.tsx'), 'DeploymentsPage'),
});
const logs = createRoute({
  getParentRoute: () => workspace,
  path: '/logs',
  validateSearch: search.logsSearch,
  component: lazyRouteComponent(() => import('../pages/logs/logs-page.tsx'), 'LogsPage'),
});
const log = createRoute({
  getParentRoute: () => workspace,
  path: '/logs/$logId',
  validateSearch: search.logSearch,
  component: lazyRouteComponent(() => import('../pages/log/log-page.tsx'), 'LogPage'),
});
const playground = createRoute({
  getParentRoute: () => workspace,
  path: '/logs/$logId/playground',
  component: lazyRouteComponent(() => import('../pages/playground/playground-page.tsx'), 'PlaygroundPage'),
});
const evaluations = createRoute({
  getParentRoute: () => workspace,
  path: '/evaluations',
  validateSearch: search.evaluationsSearch,
  component: lazyRouteComponent(() => import('../pages/evaluations/evaluations-page.tsx'), 'EvaluationsPage'),
});
const newEvaluation = createRoute({
  getParentRoute: () => workspace,
  path: '/evaluations/new',
  validateSearch: search.newEvaluationSearch,
  component: lazyRouteComponent(() => import('../pages/evaluations/new/new-evaluation-page.tsx'), 'NewEvaluationPage'),
});
const evaluation = createRoute({
  getParentRoute: () => workspace,
  path: '/evaluations/$evaluationId',
  validateSearch: search.evaluationSearch,
  component: lazyRouteComponent(() => import('../pages/evaluations/report/report-page.tsx'), 'ReportPage'),
});
const fileEvaluations = createRoute({
  getParentRoute: () => file,
  path: '/evaluations',
  validateSearch: search.evaluationsSearch,
  component: lazyRouteComponent(() => import('../pages/evaluations/file-evaluations-page.tsx'), 'FileEvaluationsPage'),
});
const feedback = createRoute({
  getParentRoute: () => workspace,
  path: '/feedback',
  validateSearch: search.feedbackSearch,
  component: lazyRouteComponent(() => import('../pages/feedback/feedback-page.tsx'), 'FeedbackPage'),
});
const fileFeedback = createRoute({
  getParentRoute: () => file,
  path: '/feedback',
  validateSearch: search.feedbackSearch,
  component: lazyRouteComponent(() => import('../pages/feedback/file-feedback-page.tsx'), 'FileFeedbackPage'),
});
const experiments = createRoute({
  getParentRoute: () => workspace,
  path: '/experiments',
  validateSearch: search.experimentsSearch,
  component: lazyRouteComponent(() => import('../pages/experiments/experiments-page.tsx'), 'ExperimentsPage'),
});
const newExperiment = createRoute({
  getParentRoute: () => workspace,
  path: '/experiments/new',
  validateSearch: search.newExperimentSearch,
  component: lazyRouteComponent(() => import('../pages/experiments/new/new-experiment-page.tsx'), 'NewExperimentPage'),
});
const experiment = createRoute({
  getParentRoute: () => workspace,
  path: '/experiments/$experimentId',
  component: lazyRouteComponent(() => import('../pages/experiments/experiment/experiment-page.tsx'), 'ExperimentPage'),
});
const fileExperiments = createRoute({
  getParentRoute: () => file,
  path: '/experiments',
  component: lazyRouteComponent(() => import('../pages/file/experiments-page.tsx'), 'FileExperimentsPage'),
});
const review = createRoute({
  getParentRoute: () => workspace,
  path: '/review',
  component: lazyRouteComponent(() => import('../pages/review/queues-page.tsx'), 'QueuesPage'),
});
const newReview = createRoute({
  getParentRoute: () => workspace,
  path: '/review/new',
  validateSearch: search.newReviewSearch,
  component: lazyRouteComponent(() => import('../pages/review/new-queue-page.tsx'), 'NewQueuePage'),
});
const judges = createRoute({
  getParentRoute: () => workspace,
  path: '/review/judges',
  validateSearch: search.judgesSearch,
  component: lazyRouteComponent(() => import('../pages/review/judges-page.tsx'), 'JudgesPage'),
});
const reviewQueue = createRoute({
  getParentRoute: () => workspace,
  path: '/review/$queueId',
  component: lazyRouteComponent(() => import('../pages/review/queue-page.tsx'), 'QueuePage'),
});
const reviewing = createRoute({
  getParentRoute: () => workspace,
  path: '/review/$queueId/go',
  component: lazyRouteComponent(() => import('../pages/review/reviewing-page.tsx'), 'ReviewingPage'),
});
const settingsHome = createRoute({
  getParentRoute: () => workspace,
  path: '/settings',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/w/$slug/settings/$section', params: { slug: params.slug, section: 'workspace' }, replace: true });
  },
});
const settings = createRoute({
  getParentRoute: () => workspace,
  path: '/settings/$section',
  component: lazyRouteComponent(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
});

const tree = root.addChildren([
  start,
  setup,
  signIn,
  invitation,
  reset,
  noWorkspace,
  workspace.addChildren([
    home,
    connect,
    files,
    file.addChildren([fileEditor, fileVersions, fileLogs, fileEvaluations, fileExperiments, fileFeedback, fileMonitoring, fileDeployments]),
    logs,
    log,
    playground,
    evaluations,
    newEvaluation,
    evaluation,
    feedback,
    experiments,
    newExperiment,
    experiment,
    review,
    newReview,
    judges,
    reviewQueue,
    reviewing,
    settingsHome,
    settings,
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: PagePending,
  defaultPendingMs: 300,
  defaultPendingMinMs: 0,
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: PageMissing,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
