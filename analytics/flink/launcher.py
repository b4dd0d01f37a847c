"""Starts the Flink job of one run on Dataproc, in the place of the one that runs: stops that with a savepoint, and starts the new one
from it. Dataproc runs this as the driver of a job on the master, without a SparkContext; it needs Python 3.9 and nothing of PyPI.

In: the files of analytics/flink and the run that `npm run engine -- begin --json` printed, in Cloud Storage; the database's address in
Secret Manager. Out: a YARN session with the running job, or an exit code that is not 0 and why. Starting again is harmless: any state of a
run is right, since what its job writes anew is no greater than what stands (docs/adr/0038). Secrets are in no argument and no log.

`launcher.py stop …` only stops, for `npm run engine -- end`. Also run by the job's own containers, as `launcher.py credentials …`: AWS credentials for the Kafka client, by the account's identity.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

COMMAND_SECONDS_MAX = 600
LOOK_SECONDS = float(os.environ.get("LAUNCHER_LOOK_SECONDS", "5"))
APPLICATION = re.compile(r"application_\d+_\d+")
JOB_ID = re.compile(r" : ([0-9a-f]{32}) : ")
SAVEPOINT = re.compile(r"Savepoint completed\. Path: (\S+)")
# Files that the containers find in their working folder, since YARN ships them.
DATABASE_CA = "database-ca.pem"
AWS_CONFIG = "aws-config"
AWS_PROFILE = "kafka"


class Failure(Exception):
    """Why the job does not run, for people."""


def say(line):
    print(f"launcher: {line}", flush=True)


def run(*command, hidden=()):
    """The output of a command. What is hidden stands in none of ours."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=COMMAND_SECONDS_MAX
        )
    except FileNotFoundError:
        raise Failure(f"there is no {command[0]} on this machine: FLINK must be among the cluster's components")
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(command[:3])} did not end within {COMMAND_SECONDS_MAX} s")
    if done.returncode != 0:
        told = (done.stderr.strip() or done.stdout.strip())[-4000:]
        for secret in hidden:
            told = told.replace(secret, "***")
        raise Failure(f"{' '.join(command[:3])} ended with {done.returncode}:\n{told}")
    return done.stdout


# What is started


def fetch(address, folder):
    """Copies a staged file; the folder it lies in is named by its SHA-256."""
    expected, name = address.split("/")[-2:]
    path = os.path.join(folder, name)
    run("gcloud", "storage", "cp", address, path)
    with open(path, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != expected:
        raise Failure(f"{address} has SHA-256 {found}")
    return path


def by_part(parts, key, otherwise):
    """An expression of SQL over `part`; a partition that the topic got later has no value of its own."""
    known = [(part["part"], part[key]) for part in parts if part[key] is not None]
    whens = " ".join(f"WHEN {int(part)} THEN CAST({int(value)} AS BIGINT)" for part, value in known)
    return f"(CASE part {whens} ELSE {otherwise} END)" if known else otherwise


def database_of(address, run_id):
    """User, password and JDBC's address, of a URL as the worker has it."""
    url = urllib.parse.urlsplit(address)
    asked = dict(urllib.parse.parse_qsl(url.query))
    # Without the last, a refused write would be logged with all its values, the bytes of dead letters among them.
    query = {"reWriteBatchedInserts": "true", "ApplicationName": f"flink {run_id}", "logServerErrorDetail": "false"}
    if "sslmode" in asked:
        query.update(sslmode=asked["sslmode"], sslrootcert=DATABASE_CA)
    host = url.netloc.rpartition("@")[2]
    jdbc = f"jdbc:postgresql://{host}{url.path}?{urllib.parse.urlencode(query)}"
    return urllib.parse.unquote(url.username or ""), urllib.parse.unquote(url.password or ""), jdbc


def kafka_options():
    """How the client signs in: by the profile of aws-config, which asks this very file for credentials."""
    options = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "AWS_MSK_IAM",
        "sasl.jaas.config": f'software.amazon.msk.auth.iam.IAMLoginModule required awsProfileName="{AWS_PROFILE}";',
        "sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
    }
    return "".join(f",\n  'properties.{name}' = '{value}'" for name, value in options.items())


def arguments_of(options, the_run, database):
    user, password, jdbc_url = database
    parts = the_run["parts"]
    texts = {
        "RUN_ID": the_run["runId"],
        "TOPIC": the_run["topic"],
        "KAFKA_BROKERS": options.bootstrap_servers,
        "KAFKA_GROUP": options.kafka_group,
        "READ_FROM": ";".join(f"partition:{part['part']},offset:{part['readFrom']}" for part in parts),
        "COUNT_FROM": by_part(parts, "countFrom", "0"),
        "KNOWN_MAX_MS": by_part(parts, "maxTimeMs", "CAST(NULL AS BIGINT)"),
        "JDBC_URL": jdbc_url,
        "DATABASE_USER": user,
        "DATABASE_PASSWORD": password,
        "OUT_OF_ORDER_BOUND_MS": options.out_of_order_bound_ms,
        "LATENESS_MS": options.lateness_ms,
        "PARALLELISM": options.parallelism,
        "CHECKPOINT_INTERVAL": options.checkpoint_interval,
        "ID_HORIZON": options.id_horizon,
    }
    given = {name: str(value).replace("'", "''") for name, value in texts.items()}
    return {**given, "KAFKA_OPTIONS": kafka_options()}


def fill(text, given):
    def value(match):
        if match.group(1) not in given:
            raise Failure(f"the job wants {match.group(1)}, which nobody gives it")
        return given[match.group(1)]

    return re.sub(r"\$\{([A-Z_]+)\}", value, text)


# What runs


def applications(name):
    """Of our name, that have not ended: their ids and the runs that they are of."""
    listed = run(
        "yarn", "application", "-list", "-appTypes", "Apache Flink", "-appStates", "NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING"
    )
    rows = [[cell.strip() for cell in line.split("\t")] for line in listed.splitlines()]
    ours = [row for row in rows if len(row) > 1 and APPLICATION.fullmatch(row[0]) and row[1].startswith(f"{name}/")]
    return [(row[0], row[1][len(name) + 1 :]) for row in ours]


def session(application):
    return ("-t", "yarn-session", f"-Dyarn.application.id={application}")


def jobs(application):
    return JOB_ID.findall(run("flink", "list", "--running", *session(application)))


def stop(application, run_id, savepoints):
    """Stops what a session runs with a savepoint, which flushes all that was counted, then the session. The savepoint, if one was made."""
    made = None
    for job in jobs(application):
        told = run("flink", "stop", "--savepointPath", f"{savepoints}/{run_id}", *session(application), job)
        found = SAVEPOINT.search(told)
        if not found:
            raise Failure(f"job {job} of {application} was stopped, and told of no savepoint:\n{told[-2000:]}")
        made = found.group(1)
        say(f"job {job} is stopped, its savepoint is {made}")
    run("yarn", "application", "-kill", application)
    return made


def newest_state(run_id, *folders):
    """The newest savepoint or retained checkpoint of a run; None when there is none, and the job then begins where the run did."""
    found = []
    for folder in folders:
        try:
            listed = run("gcloud", "storage", "ls", "--long", f"{folder}/{run_id}/**/_metadata")
        except Failure as failure:
            if "matched no objects" not in str(failure):
                raise
            continue
        for line in listed.splitlines():
            cells = line.split()
            if len(cells) == 3 and cells[2].endswith("/_metadata"):
                found.append((cells[1], cells[2][: -len("/_metadata")]))
    return max(found)[1] if found else None


def start_session(options, run_id, shipped):
    settings = {
        "execution.checkpointing.dir": f"{options.checkpoints}/{run_id}",
        "execution.checkpointing.savepoint-dir": f"{options.savepoints}/{run_id}",
        "yarn.ship-files": ";".join(shipped),
        "containerized.master.env.AWS_CONFIG_FILE": AWS_CONFIG,
        "containerized.taskmanager.env.AWS_CONFIG_FILE": AWS_CONFIG,
        "containerized.master.env.AWS_REGION": options.kafka_region,
        "containerized.taskmanager.env.AWS_REGION": options.kafka_region,
    }
    given = [f"-D{name}={value}" for name, value in settings.items()]
    told = run("yarn-session.sh", "--detached", "--name", f"{options.name}/{run_id}", *given)
    found = APPLICATION.findall(told)
    if not found:
        raise Failure(f"yarn-session.sh told of no application:\n{told[-2000:]}")
    return found[-1]


def submit(application, script, jars, state, hidden):
    command = ["sql-client.sh", "-Dexecution.target=yarn-session", f"-Dyarn.application.id={application}"]
    if state:
        command.append(f"-Dexecution.state-recovery.path={state}")
    for jar in jars:
        command += ["--jar", jar]
    told = run(*command, "--file", script, hidden=hidden)
    # It may end with 0 behind a statement that was refused.
    if "[ERROR]" in told:
        refused = told[told.index("[ERROR]") :][:4000]
        for secret in hidden:
            refused = refused.replace(secret, "***")
        raise Failure(f"a statement was refused:\n{refused}")


def wait_until_running(application, seconds, steady_seconds):
    """Running for a while, not merely once: a job that cannot reach Kafka or Postgres runs for a moment, again and again."""
    deadline = time.monotonic() + seconds
    since = None
    while time.monotonic() < deadline:
        if jobs(application):
            since = since if since is not None else time.monotonic()
            if time.monotonic() - since >= steady_seconds:
                return
        else:
            since = None
        time.sleep(LOOK_SECONDS)
    raise Failure(f"the job of {application} did not keep running: see its log, yarn logs -applicationId {application}")


def launch(options):
    with tempfile.TemporaryDirectory() as folder:
        files = [fetch(address, folder) for address in options.file]
        scripts = [path for path in files if path.endswith(".sql")]
        if len(scripts) != 1:
            raise Failure(f"expected one .sql among the files, not {len(scripts)}")
        the_run = json.loads(run("gcloud", "storage", "cat", options.run))
        run_id = the_run["runId"]
        secret = run("gcloud", "secrets", "versions", "access", "latest", f"--secret={options.database_url_secret}").strip()
        database = database_of(secret, run_id)
        hidden = [text for text in (secret, database[1], database[1].replace("'", "''")) if text]
        with open(scripts[0], encoding="utf8") as file:
            text = fill(file.read(), arguments_of(options, the_run, database))
        script = os.path.join(folder, "filled.sql")
        with open(os.open(script, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf8") as file:
            file.write(text)
        shipped = ship(options, folder)
        # Everything that can be missing was there: only now the old one is stopped.
        state = None
        for application, its_run in applications(options.name):
            made = stop(application, its_run, options.savepoints)
            state = made if its_run == run_id else state
        state = state or newest_state(run_id, options.savepoints, options.checkpoints)
        say(f"run {run_id} goes on from {state}" if state else f"run {run_id} begins at its own offsets")
        application = start_session(options, run_id, shipped)
        try:
            submit(application, script, [path for path in files if path.endswith(".jar")], state, hidden)
            wait_until_running(application, options.start_seconds_max, options.steady_seconds)
        except Failure:
            subprocess.run(["yarn", "application", "-kill", application], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            say("the job did not start and its session is gone: start this again, it finds the state of the run")
            raise
        say(f"{application} counts for run {run_id}")


def stop_all(options):
    """Stops the jobs that run under our name; nothing of them is lost."""
    stopped = applications(options.name)
    for application, run_id in stopped:
        stop(application, run_id, options.savepoints)
    if not stopped:
        raise Failure(f"nothing of {options.name} runs")


def ship(options, folder):
    """Writes what the containers need beside them."""
    ca = os.path.join(folder, DATABASE_CA)
    with open(ca, "w", encoding="utf8") as file:
        file.write(run("gcloud", "secrets", "versions", "access", "latest", f"--secret={options.database_ca_secret}"))
    me = os.path.join(folder, "launcher.py")
    with open(os.path.abspath(__file__), encoding="utf8") as source, open(me, "w", encoding="utf8") as copy:
        copy.write(source.read())
    config = os.path.join(folder, AWS_CONFIG)
    asked = f"--role-arn={options.kafka_role_arn} --audience={options.kafka_audience} --region={options.kafka_region}"
    with open(config, "w", encoding="utf8") as file:
        file.write(f"[profile {AWS_PROFILE}]\ncredential_process = python3 launcher.py credentials {asked}\n")
    return [ca, me, config]


# AWS credentials (docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html, 2026-11-28)

METADATA = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity"


def ask(url, headers, body=None):
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as answer:
        return answer.read().decode("utf8")


def credentials(options):
    """Prints what the role may use for an hour, for the identity that Google gives this node."""
    asked = urllib.parse.urlencode({"audience": options.audience, "format": "full"})
    token = ask(f"{os.environ.get('LAUNCHER_METADATA', METADATA)}?{asked}", {"Metadata-Flavor": "Google"})
    query = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": options.role_arn,
        "RoleSessionName": "flink",
        "WebIdentityToken": token,
    }
    sts = os.environ.get("LAUNCHER_STS", f"https://sts.{options.region}.amazonaws.com/")
    answer = ask(sts, {"Accept": "application/json"}, urllib.parse.urlencode(query).encode("utf8"))
    found = json.loads(answer)["AssumeRoleWithWebIdentityResponse"]["AssumeRoleWithWebIdentityResult"]["Credentials"]
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(float(found["Expiration"])))
    keys = {name: found[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
    print(json.dumps({"Version": 1, **keys, "Expiration": expires}))


def parse(arguments):
    if arguments[:1] == ["credentials"]:
        parser = argparse.ArgumentParser(prog="launcher.py credentials")
        for name in ("role-arn", "audience", "region"):
            parser.add_argument(f"--{name}", required=True)
        return credentials, parser.parse_args(arguments[1:])
    if arguments[:1] == ["stop"]:
        parser = argparse.ArgumentParser(prog="launcher.py stop")
        for name in ("name", "savepoints"):
            parser.add_argument(f"--{name}", required=True)
        return stop_all, parser.parse_args(arguments[1:])
    parser = argparse.ArgumentParser(prog="launcher.py")
    for name in (
        "name", "run", "bootstrap-servers", "kafka-region", "kafka-role-arn", "kafka-audience",
        "database-url-secret", "database-ca-secret", "checkpoints", "savepoints",
    ):  # fmt: skip
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--file", action="append", required=True)
    parser.add_argument("--kafka-group", default="image-bytes")
    parser.add_argument("--parallelism", type=int, default=1)
    parser.add_argument("--out-of-order-bound-ms", type=int, default=5000)
    parser.add_argument("--lateness-ms", type=int, default=5000)
    parser.add_argument("--checkpoint-interval", default="5 s")
    parser.add_argument("--id-horizon", default="8 d")
    parser.add_argument("--start-seconds-max", type=float, default=300)
    parser.add_argument("--steady-seconds", type=float, default=30)
    return launch, parser.parse_args(arguments)


def main():
    command, options = parse(sys.argv[1:])
    try:
        command(options)
    except Failure as failure:
        print(f"launcher: {failure}", file=sys.stderr, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
